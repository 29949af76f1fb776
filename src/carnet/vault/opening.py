"""Which vault does this computer have?"""

from __future__ import annotations

from pathlib import Path

from carnet.ports.vault import Vault
from carnet.vault.file import FileVault
from carnet.vault.keyring import KeyringVault, usable_backend


def open_vault(home: Path, *, keys: Path, passphrase: str = "", keyring: bool = True) -> Vault:
    """The system's keyring where it works; else an encrypted file in `home`.

    The file's key is made of `passphrase`, or where there is none it lies in the folder `keys`, which must not be in `home`.
    """
    backend = usable_backend() if keyring and not passphrase else None
    if backend is not None:
        return KeyringVault(backend, place=str(home))
    return FileVault(home / "vault", keys=keys, passphrase=passphrase)
