"""Where are secrets kept: in the system's keyring, else in an encrypted file whose key lies elsewhere?"""

from carnet.vault.certificate import certificate_of, days_left, file_of
from carnet.vault.opening import open_vault

__all__ = ["certificate_of", "days_left", "file_of", "open_vault"]
