"""Which servers of Exchange are trusted, and what reaches one that is not?"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from carnet.errors import Refused
from carnet.mailboxes.ews.client import EwsClient
from carnet.mailboxes.ews.mailbox import EwsMailbox
from carnet.testing.emulators.ews import PATH, EwsEmulator
from carnet.testing.emulators.ews_mailbox import OPENS
from gates.fixtures import one_exchange, quick_gate, watched_ews


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.contoso.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key(), serial_number=7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "mail.pem"
    path.write_bytes(made.public_bytes(pem) + private)
    return path


@pytest.fixture
def ews(certificate: Path) -> Iterator[EwsEmulator]:
    emulator = EwsEmulator(one_exchange())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    emulator._server.socket = context.wrap_socket(emulator._server.socket, server_side=True)
    with watched_ews(emulator):
        yield emulator


def opened(emulator: EwsEmulator) -> EwsMailbox:
    url = f"https://{emulator.root.partition('://')[2]}{PATH}"
    client = EwsClient(url, user="camille", password=lambda: OPENS, gate=quick_gate(), sleep=lambda _: None)
    return EwsMailbox(client)


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password_is_sent(ews: EwsEmulator) -> None:
    mailbox = opened(ews)
    with pytest.raises(Refused, match="certificate") as raised:
        mailbox.identity()
    mailbox.close()
    assert "SSL_CERT_FILE" in raised.value.hint
    assert ews.log == []


def test_an_authority_of_ones_own_is_named_by_ssl_cert_file(
    ews: EwsEmulator, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailbox = opened(ews)
    assert mailbox.identity().address == "camille@contoso.com"
    mailbox.close()
