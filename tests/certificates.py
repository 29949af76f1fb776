"""Certificates and keys that tests make for themselves."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

LOCALHOST = "localhost"
PEM = serialization.Encoding.PEM
_PLAIN = serialization.NoEncryption()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """What an application signs in with: a key and a certificate for it."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def key_pem(self, password: bytes = b"") -> bytes:
        sealed = serialization.BestAvailableEncryption(password) if password else _PLAIN
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, sealed)

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def pem(self, password: bytes = b"") -> bytes:
        return self.key_pem(password) + self.certificate_pem

    def pfx(self, password: bytes = b"") -> bytes:
        sealed = serialization.BestAvailableEncryption(password) if password else _PLAIN
        return pkcs12.serialize_key_and_certificates(b"carnet", self.key, self.certificate, None, sealed)

    @property
    def public(self) -> Mapping[str, str]:
        """The public key as an OpenID provider takes it."""
        assert isinstance(self.key, rsa.RSAPrivateKey)
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "alg": "PS256", "use": "sig", "n": _encoded(numbers.n), "e": _encoded(numbers.e)}


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """One of several keys, made once: that takes a while."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signer(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    *,
    since: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=30),
) -> Signer:
    """A key, rsa_key() where none is given, with a certificate that it signed itself, as administrators make them."""
    key = key or rsa_key()
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_named("Carnet of Contoso"))
        .issuer_name(_named("Carnet of Contoso"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .sign(key, hashes.SHA256())
    )
    return Signer(key=key, certificate=certificate)


def key_file(path: Path, content: bytes, *, mode: int = 0o600) -> Path:
    """A file that its owner alone may read, or whoever the mode says."""
    path.write_bytes(content)
    path.chmod(mode)
    return path


def _encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def certified(folder: Path) -> tuple[Path, Path, Path]:
    """A key, its certificate for localhost, and the certificate of the authority that gave it."""
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("An authority for a test", above, issuer="An authority for a test", signer=above, is_authority=True)
    leaf = _certificate(LOCALHOST, own, issuer="An authority for a test", signer=above, is_authority=False)
    paths = folder / "key.pem", folder / "certificate.pem", folder / "authority.pem"
    paths[0].write_bytes(own.private_bytes(PEM, serialization.PrivateFormat.PKCS8, _PLAIN))
    paths[1].write_bytes(leaf.public_bytes(PEM))
    paths[2].write_bytes(root.public_bytes(PEM))
    return paths


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, *, issuer: str, signer: ec.EllipticCurvePrivateKey, is_authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    use = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(use, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(LOCALHOST)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
