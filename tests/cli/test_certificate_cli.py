"""What is said of a certificate that an application cannot be connected with, before anybody is asked?"""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from certificates import key_file, rsa_key, signer
from cli.terminal import Terminal, Told

NEVER = "https://localhost:9/contoso"


@pytest.fixture(autouse=True)
def _vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_KEYRING", "off")
    monkeypatch.setenv("CARNET_KEYS", str(tmp_path / "keys"))


def connect(terminal: Terminal, path: Path, *more: str, service: str = "dynamics365") -> Told:
    known = ("--client-id", "app-1", "--tenant", NEVER, "--certificate", path)
    return terminal("connect", service, "contoso.example", *known, *more)


def nothing_kept(terminal: Terminal) -> bool:
    vault = terminal.home / "vault"
    return terminal.json("connections") == {"connections": []} and not (vault.exists() and list(vault.iterdir()))


def test_a_file_that_is_missing_open_to_others_wrong_or_too_old_is_refused_in_plain_words(
    terminal: Terminal, tmp_path: Path
) -> None:
    files = {
        "There is no file app.pem": tmp_path / "app.pem",
        "others can read it": key_file(tmp_path / "open.pem", signer().pem(), mode=0o644),
        "no certificate with its private key": key_file(tmp_path / "no.pem", b"my notes"),
        "belongs to another certificate": key_file(tmp_path / "two.pem", signer().key_pem() + signer(rsa_key(1)).certificate_pem),
        "expired on": key_file(tmp_path / "old.pem", signer(since=timedelta(days=-9), until=timedelta(days=-1)).pem()),
    }
    for said, path in files.items():
        told = connect(terminal, path)
        assert told.code == 2, told
        assert said in told.err
    assert nothing_kept(terminal)


def test_the_password_of_a_file_is_typed_or_piped_in_and_a_wrong_one_is_told(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(tmp_path / "app.pfx", signer().pfx(b"opens it"))
    for typed, code, said in (("", 2, "The secret is missing"), ("wrong\n", 2, "does not open"), ("opens it\n", 3, "answer")):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        told = connect(terminal, path)
        assert (told.code, said in told.err) == (code, True), told
        assert "opens it" not in told.out + told.err
    assert nothing_kept(terminal)


@pytest.mark.parametrize("service", ["microsoft365", "exchange"])
def test_a_certificate_opens_no_persons_mailbox(terminal: Terminal, tmp_path: Path, service: str) -> None:
    told = connect(terminal, key_file(tmp_path / "app.pem", signer().pem()), "--user", "camille", service=service)
    assert (told.code, "cannot connect a person’s mailbox" in told.err.replace("'", "’")) == (2, True), told


def test_only_the_administrator_connects_an_application(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_file(tmp_path / "app.pem", signer().pem())
    assert connect(terminal, path).code == 3, "it comes as far as the authority, which does not answer"
    monkeypatch.setattr(os, "getuid", lambda: 987_654, raising=False)
    for more in ((), ("--application",)):
        told = connect(terminal, path, *more)
        assert (told.code, "Only an administrator connects an application" in told.err) == (2, True), told
    assert nothing_kept(terminal)
