"""Is a private key taken together with its own certificate, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from carnet.errors import CarnetError, NeedsConsent, NotAllowed, NotFound, Refused, UnsupportedFile
from carnet.vault import certificate_of, days_left, file_of
from certificates import key_file, rsa_key, signer

NOW = datetime.now(UTC)


def kept(content: bytes, password: str = "") -> str:
    return certificate_of(content, name="app.pem", password=password, now=NOW)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (signer().pem(), ""),
        (signer().certificate_pem + signer().key_pem(), ""),
        (signer().pem(), "not needed"),
        (signer().pem(b"opens"), "opens"),
        (signer().pfx(), ""),
        (signer().pfx(b"opens"), "opens"),
        (signer(rsa_key(1)).certificate_pem + signer().pem(), ""),
    ],
    ids=["pem", "certificate first", "password too much", "sealed pem", "pfx", "sealed pfx", "chain"],
)
def test_key_and_certificate_are_kept_as_one_text_whatever_the_file(content: bytes, password: str) -> None:
    text = kept(content, password)
    certificate = x509.load_pem_x509_certificate(text[text.index("-----BEGIN CERT") :].encode())
    key = load_pem_private_key(text.encode(), None)
    assert key.public_key() == certificate.public_key() == rsa_key().public_key()
    assert days_left(text, now=NOW) in {29, 30}


@pytest.mark.parametrize("make", [lambda: signer().pem(b"opens"), lambda: signer().pfx(b"opens")])
def test_a_file_with_a_password_asks_for_it(make: Callable[[], bytes]) -> None:
    with pytest.raises(NeedsConsent, match="has a password"):
        kept(make())
    with pytest.raises(Refused, match="does not open"):
        kept(make(), "wrong")


REFUSED: list[tuple[bytes, type[CarnetError], str]] = [
    (b"", UnsupportedFile, "no certificate with its private key"),
    (b"the secret", UnsupportedFile, "no certificate with its private key"),
    (b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n", UnsupportedFile, "no private key"),
    (signer().certificate_pem, UnsupportedFile, "no private key"),
    (signer().key_pem(), UnsupportedFile, "no certificate"),
    (signer().key_pem() + signer(rsa_key(1)).certificate_pem, Refused, "another certificate"),
    (signer().pem()[:200] + signer().pem()[300:], UnsupportedFile, "no certificate with its private key"),
    (signer(ec.generate_private_key(ec.SECP256R1())).pem(), Refused, "no RSA key"),
    (signer(since=timedelta(days=-9), until=timedelta(days=-2)).pem(), Refused, "expired on"),
    (signer(since=timedelta(days=2)).pem(), Refused, "only from"),
]


@pytest.mark.parametrize(("content", "kind", "said"), REFUSED, ids=[each[2] + str(at) for at, each in enumerate(REFUSED)])
def test_what_cannot_be_signed_in_with_is_named(content: bytes, kind: type[CarnetError], said: str) -> None:
    with pytest.raises(kind, match=said) as refused:
        kept(content)
    assert refused.value.hint
    assert "app.pem" in str(refused.value)
    assert not any(line in str(refused.value) for line in content.decode("latin-1").splitlines() if len(line) > 20)


def test_a_certificate_ends_and_a_secret_has_no_days() -> None:
    text = kept(signer().pem())
    assert days_left(text, now=NOW + timedelta(days=40)) in {-11, -10}
    assert days_left("the secret of the organisation", now=NOW) is None
    with pytest.raises(Refused, match="expired"):
        certificate_of(signer().pem(), name="app.pem", password="", now=NOW + timedelta(days=40))


def test_a_key_that_others_can_read_is_not_taken(tmp_path: Path) -> None:
    path = key_file(tmp_path / "app.pem", signer().pem())
    assert file_of(path) == path.read_bytes()
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(NotAllowed, match="others can read it"):
            file_of(path)


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file app\.pem"):
        file_of(tmp_path / "app.pem")
    with pytest.raises(Refused, match="cannot be opened"):
        file_of(tmp_path)
