"""How are secrets kept in the system's keyring (Windows, macOS, the Secret Service)?"""

from __future__ import annotations

import hashlib
from typing import Protocol

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from carnet.errors import Refused

PART = 1000
"""Characters of one entry: Windows takes 2,560 bytes, in UTF-16, and a cache of tokens is longer."""
_COUNT = "parts"


class Backend(Protocol):
    """What is used of a keyring (`keyring.backend.KeyringBackend`)."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret of that name."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        ...


def usable_backend() -> Backend | None:
    """The system's keyring, None where there is none that keeps anything: it is tried, for some only say so."""
    backend: Backend = keyring.get_keyring()
    if float(getattr(backend, "priority", 0)) <= 0 or type(backend).__module__.startswith(
        ("keyring.backends.fail", "keyring.backends.null")
    ):
        return None
    try:
        backend.set_password("carnet", "probe", "probe")
        kept = backend.get_password("carnet", "probe") == "probe"
        backend.delete_password("carnet", "probe")
    except (KeyringError, RuntimeError, OSError):
        return None
    return backend if kept else None


class KeyringVault:
    """Secrets in the system's keyring, a long one in several parts (`carnet.ports.vault.Vault`)."""

    def __init__(self, backend: Backend, *, place: str) -> None:
        """Keep them apart from those of another Carnet by its `place`."""
        self._backend = backend
        self._service = f"carnet-{hashlib.sha256(place.encode()).hexdigest()[:12]}"

    def __repr__(self) -> str:
        """Nothing secret."""
        return "KeyringVault()"

    def get(self, name: str) -> str | None:
        """The secret of that name, None where there is none."""
        count = self._ask(f"{name}/{_COUNT}")
        if count is None or not count.isdecimal():
            return None
        parts = [self._ask(f"{name}/{number}") for number in range(int(count))]
        return None if None in parts else "".join(part or "" for part in parts)

    def put(self, name: str, secret: str) -> None:
        """Keep it, in the place of the one before."""
        self.forget(name)
        parts = [secret[start : start + PART] for start in range(0, len(secret), PART)] or [""]
        try:
            for number, part in enumerate(parts):
                self._backend.set_password(self._service, f"{name}/{number}", part)
            self._backend.set_password(self._service, f"{name}/{_COUNT}", str(len(parts)))
        except (KeyringError, RuntimeError, OSError):
            raise _closed() from None

    def forget(self, name: str) -> None:
        """Leave no trace of it."""
        count = self._ask(f"{name}/{_COUNT}") or "0"
        for part in (_COUNT, *map(str, range(int(count)))):
            try:
                self._backend.delete_password(self._service, f"{name}/{part}")
            except PasswordDeleteError:
                continue
            except (KeyringError, RuntimeError, OSError):
                raise _closed() from None

    def _ask(self, name: str) -> str | None:
        try:
            return self._backend.get_password(self._service, name)
        except (KeyringError, RuntimeError, OSError):
            raise _closed() from None


def _closed() -> Refused:
    return Refused("The system's keyring cannot be used.", "Unlock it, or set CARNET_VAULT_KEY to a passphrase of your own.")
