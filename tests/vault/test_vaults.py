"""Do vaults keep what they promise, wherever secrets lie?"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from carnet.errors import Refused
from carnet.ports.vault import Vault
from carnet.testing.memory_vault import MemoryVault
from carnet.testing.vault_suite import SECRET, VaultSuite
from carnet.vault import open_vault
from carnet.vault.file import FileVault
from carnet.vault.keyring import PART, KeyringVault, usable_backend

LIMIT = 2560 // 2
"""What Windows takes of one secret, in characters."""


class SmallKeyring:
    """A system's keyring that takes short secrets only, as Windows does."""

    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > LIMIT:
            raise OSError("The stub received bad data.")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not found")
        del self.kept[service, username]


class LockedKeyring(SmallKeyring):
    """One that nobody has unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise _locked(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise _locked(service, username, password)


def _locked(*asked: str) -> Exception:
    error: Exception = KeyringLocked(f"locked: {asked}")
    return error


class TestMemoryVault(VaultSuite):
    @pytest.fixture
    def vault(self) -> Vault:
        return MemoryVault()


class TestKeyringVault(VaultSuite):
    @pytest.fixture
    def vault(self) -> Vault:
        return KeyringVault(SmallKeyring(), place="here")

    def test_a_long_secret_is_kept_in_parts_and_leaves_none_behind(self) -> None:
        backend = SmallKeyring()
        vault = KeyringVault(backend, place="here")
        vault.put("one", SECRET)
        assert len(backend.kept) > len(SECRET) // PART
        vault.forget("one")
        assert backend.kept == {}

    def test_two_homes_do_not_share_secrets(self) -> None:
        backend = SmallKeyring()
        KeyringVault(backend, place="here").put("one", "mine")
        assert KeyringVault(backend, place="there").get("one") is None

    def test_a_locked_keyring_is_told_without_its_secrets(self) -> None:
        vault = KeyringVault(LockedKeyring(), place="here")
        attempts: tuple[Callable[[], object], ...] = (lambda: vault.get("one"), lambda: vault.put("one", SECRET))
        for attempt in attempts:
            with pytest.raises(Refused, match="keyring") as told:
                attempt()
            assert SECRET[:8] not in f"{told.value} {told.value.hint} {told.value.__cause__}"


class TestFileVault(VaultSuite):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> Vault:
        return FileVault(tmp_path / "home" / "vault", keys=tmp_path / "keys")

    def test_neither_secret_nor_key_lies_in_the_home(self, tmp_path: Path) -> None:
        vault = FileVault(tmp_path / "home" / "vault", keys=tmp_path / "keys")
        vault.put("one", SECRET)
        (key,) = (tmp_path / "keys").iterdir()
        files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
        for path in files:
            assert SECRET[:8].encode() not in path.read_bytes()
            assert key.read_bytes() not in path.read_bytes()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert "one" not in path.name
        assert stat.S_IMODE(key.stat().st_mode) == 0o600

    def test_a_key_inside_the_home_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="beside"):
            FileVault(tmp_path / "home" / "vault", keys=tmp_path / "home" / "keys")

    def test_a_passphrase_opens_it_again_and_another_does_not(self, tmp_path: Path) -> None:
        folder = tmp_path / "vault"
        FileVault(folder, keys=tmp_path, passphrase="right").put("one", SECRET)
        assert FileVault(folder, keys=tmp_path, passphrase="right").get("one") == SECRET
        with pytest.raises(Refused, match="key") as told:
            FileVault(folder, keys=tmp_path, passphrase="wrong").get("one")
        assert "wrong" not in f"{told.value} {told.value.hint}"
        assert not list(tmp_path.glob("*.key"))


def test_a_vault_says_nothing_in_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        vault = open_vault(tmp_path / "home", keys=tmp_path / "keys", keyring=False)
        vault.put("one", SECRET)
        vault.get("one")
        vault.forget("one")
    assert SECRET[:8] not in caplog.text


def test_a_computer_without_keyring_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", LockedKeyring)
    assert usable_backend() is None
    working = SmallKeyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: working)
    assert usable_backend() is working
    assert working.kept == {}
