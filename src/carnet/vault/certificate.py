"""Which private key and certificate does an application of the organisation sign in with, and do they belong together?

They are kept as one text, as any other secret is: the file is no longer needed then, and may be put away.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from carnet.errors import NeedsConsent, NotAllowed, NotFound, Refused, UnsupportedFile

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    _Pair = tuple[PrivateKeyTypes, Sequence[x509.Certificate]]

SEALED = "sealed_certificate"
"""The consent that a file with a password asks for (`NeedsConsent`): the password."""
LARGEST = 1_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY = re.compile(rb"-----BEGIN (?:RSA |EC |ENCRYPTED |)PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def file_of(path: Path) -> bytes:
    """What stands in a file that its owner alone may read, as a private key must be kept. Raises Refused."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(LARGEST)
    except FileNotFoundError:
        raise NotFound("There is no file {name}.", "Check the path.", name=path.name) from None
    except OSError as error:
        why = error.strerror or ""
        raise Refused(
            "{name} cannot be opened: {why}.", "Close it elsewhere, or check its permissions.", name=path.name, why=why
        ) from None
    if sys.platform != "win32" and mode & _OTHERS:
        raise NotAllowed(
            "{name} holds a private key, and others can read it.", "Let its owner alone read it (chmod 600).", name=path.name
        )
    return content


def certificate_of(content: bytes, *, name: str, password: str, now: datetime) -> str:
    """The private key and its certificate of a PEM or PFX file, as one text to be kept in the vault.

    Raises NeedsConsent where it has a password and none is given, UnsupportedFile where it is neither, and Refused where key and
    certificate do not belong together, or the certificate does not hold now.
    """
    key, certificates = _opened(content, name, password)
    if not isinstance(key, RSAPrivateKey):
        raise Refused(
            "The private key in {name} is no RSA key.", "Microsoft signs applications in with RSA keys alone.", name=name
        )
    own = next((each for each in certificates if each.public_key() == key.public_key()), None)
    if own is None:
        raise Refused(
            "The private key in {name} belongs to another certificate.", "Put a key and its own certificate into it.", name=name
        )
    if own.not_valid_before_utc > now:
        day = own.not_valid_before_utc.date().isoformat()
        raise Refused("The certificate in {name} holds only from {day} on.", "Connect again then.", name=name, day=day)
    if own.not_valid_after_utc <= now:
        day = own.not_valid_after_utc.date().isoformat()
        raise Refused(
            "The certificate in {name} expired on {day}.",
            "Make a new one, upload it to the registration, and connect with it.",
            name=name,
            day=day,
        )
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + own.public_bytes(Encoding.PEM)
    return kept.decode("ascii")


def days_left(kept: str, *, now: datetime) -> int | None:
    """For how many days more a certificate holds that is kept so; None where what is kept is a secret."""
    found = _CERTIFICATE.search(kept.encode())
    return (x509.load_pem_x509_certificate(found[0]).not_valid_after_utc - now).days if found else None


def _opened(content: bytes, name: str, password: str) -> _Pair:
    read = _of_pem if b"-----BEGIN" in content else _of_pfx
    try:
        return read(content, name, password)
    except UnsupportedAlgorithm:
        raise _strange(name) from None
    except ValueError as error:
        if "password" not in str(error).lower():
            raise _strange(name) from None
        raise (_wrong(name) if password else _sealed(name)) from None


def _of_pem(content: bytes, name: str, password: str) -> _Pair:
    key, certificates = _KEY.search(content), _CERTIFICATE.findall(content)
    if key is None:
        raise UnsupportedFile("{name} holds no private key.", "Give a file with both: a PEM file, or a PFX file.", name=name)
    if not certificates:
        raise UnsupportedFile(
            "{name} holds a private key, and no certificate.", "Give a file with both: a PEM file, or a PFX file.", name=name
        )
    try:
        opened = load_pem_private_key(key[0], password.encode() or None)
    except TypeError:  # it has a password and none is given, or conversely
        if not password:
            raise _sealed(name) from None
        opened = load_pem_private_key(key[0], None)
    return opened, [x509.load_pem_x509_certificate(each) for each in certificates]


def _of_pfx(content: bytes, name: str, password: str) -> _Pair:
    found = load_pkcs12(content, password.encode() or None)
    if found.key is None:
        raise UnsupportedFile("{name} holds no private key.", "Give a file with both: a PEM file, or a PFX file.", name=name)
    return found.key, [each.certificate for each in (found.cert, *found.additional_certs) if each is not None]


def _sealed(name: str) -> NeedsConsent:
    return NeedsConsent("{name} has a password.", "Give the password of the file.", name=name, consent=SEALED)


def _wrong(name: str) -> Refused:
    return Refused("The password does not open {name}.", "Type it again.", name=name)


def _strange(name: str) -> UnsupportedFile:
    return UnsupportedFile(
        "{name} holds no certificate with its private key.", "Give a file with both: a PEM file, or a PFX file.", name=name
    )
