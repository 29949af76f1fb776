"""How are secrets kept where the system has no keyring?"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from carnet.errors import Refused

_OWNER_ONLY, _OWNER_ONLY_FOLDER = 0o600, 0o700


class FileVault:
    """Secrets in one encrypted file each (`carnet.ports.vault.Vault`); the key is never beside them.

    It is made of a passphrase, or lies in a folder of its own: whoever copies or backs up the home has not got it.
    """

    def __init__(self, folder: Path, *, keys: Path, passphrase: str = "") -> None:
        """Keep secrets under `folder`, and without a passphrase a key under `keys`. Raises Refused where that is inside."""
        if not passphrase and keys.resolve().is_relative_to(folder.resolve().parent):
            raise Refused("The key of the vault must not lie beside it.", "Choose another folder with CARNET_KEYS.")
        self._folder = folder
        self._keys = keys
        self._passphrase = passphrase
        self._cipher: Fernet | None = None

    def __repr__(self) -> str:
        """Nothing secret."""
        return "FileVault()"

    def get(self, name: str) -> str | None:
        """The secret of that name, None where there is none. Raises Refused where the key is another one."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        try:
            kept: str = json.loads(self._opened().decrypt(sealed))["secret"]
        except (InvalidToken, ValueError, KeyError):
            raise Refused(
                "The vault cannot be opened with this key.", "Set CARNET_VAULT_KEY as it was, or disconnect and sign in again."
            ) from None
        return kept

    def put(self, name: str, secret: str) -> None:
        """Keep it, in the place of the one before."""
        sealed = self._opened().encrypt(json.dumps({"secret": secret}).encode())
        _write(self._path(name), sealed)

    def forget(self, name: str) -> None:
        """Leave no trace of it: what stood in the file is written over first."""
        path = self._path(name)
        with suppress(FileNotFoundError):
            size = path.stat().st_size
            path.write_bytes(secrets.token_bytes(size))
            path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()

    def _opened(self) -> Fernet:
        if self._cipher is None:
            self._cipher = Fernet(self._derived() if self._passphrase else self._kept())
        return self._cipher

    def _derived(self) -> bytes:
        """The key of the passphrase; the salt is no secret."""
        salt = _read_or_make(self._folder / "salt", lambda: secrets.token_bytes(16))
        derived = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(self._passphrase.encode())
        return base64.urlsafe_b64encode(derived)

    def _kept(self) -> bytes:
        name = hashlib.sha256(str(self._folder.resolve()).encode()).hexdigest()[:16]
        return _read_or_make(self._keys / f"{name}.key", Fernet.generate_key)


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        made = make()
        _write(path, made)
        return made


def _write(path: Path, content: bytes) -> None:
    """Into a file that its owner alone may read, whole or not at all."""
    try:
        path.parent.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        raise Refused(
            "The vault cannot be written: {why}.", "Check the rights of its folder.", why=error.strerror or ""
        ) from None
