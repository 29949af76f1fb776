"""Where are secrets kept: in the system's keyring, else in an encrypted file whose key lies elsewhere?"""

from carnet.vault.opening import open_vault

__all__ = ["open_vault"]
