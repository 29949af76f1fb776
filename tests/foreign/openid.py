"""How does an OpenID provider that nobody here wrote come up, and how does a person sign in at it?"""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared_data import present
from web.visitor import forms_of

HERE = Path(__file__).parent
PATIENCE = 60.0
LOCALHOST = "localhost"


@dataclass(slots=True, kw_only=True)
class OpenId:
    """The provider: its issuer, and the file of the authority that vouches for it."""

    issuer: str
    certificates: Path

    def tokens_asked(self) -> int:
        """How many times a token was asked for."""
        with Browser(self) as browser:
            browser.go(self.issuer.removesuffix("contoso") + "asked")
            asked: list[str] = browser.page.json()
        return asked.count("POST /contoso/token")

    def whose(self, token: str) -> Mapping[str, Any]:
        """What the provider says of a token."""
        known = {"client_id": "organisation", "client_secret": "the secret of the organisation"}
        with Browser(self) as browser:
            answer = browser.ask(f"{self.issuer}/token/introspection", {**known, "token": token})
        said: Mapping[str, Any] = answer.json()
        return said


@contextmanager
def provider(folder: Path, *scopes: str) -> Iterator[OpenId]:
    """The provider, on a port of its own, with an authority made for it; it knows those scopes beside Microsoft Graph's."""
    present(HERE / "node_modules" / "oidc-provider", "run make foreign")
    node = shutil.which("node")
    assert node is not None
    key, certificate, authority = _certified(folder)
    program = [node, str(HERE / "provider.mjs"), str(key), str(certificate), *scopes]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HERE)
    assert process.stdout is not None
    told: list[str] = []
    try:
        for line in process.stdout:
            told.append(line.strip())
            if found := re.fullmatch(r"port (\d+)", told[-1]):
                break
        else:
            raise AssertionError("\n".join(told))
        yield OpenId(issuer=f"https://{LOCALHOST}:{found[1]}/contoso", certificates=authority)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _certified(folder: Path) -> tuple[Path, Path, Path]:
    """A key, its certificate for localhost, and the certificate of the authority that gave it."""
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("An authority for a test", above, issuer="An authority for a test", signer=above, is_authority=True)
    leaf = _certificate(LOCALHOST, own, issuer="An authority for a test", signer=above, is_authority=False)
    paths = folder / "key.pem", folder / "certificate.pem", folder / "authority.pem"
    encoding = serialization.Encoding.PEM
    paths[0].write_bytes(own.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    paths[1].write_bytes(leaf.public_bytes(encoding))
    paths[2].write_bytes(root.public_bytes(encoding))
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


class Browser:
    """A browser nobody has signed in with: it follows links and sends forms, and stops where it is to answer Carnet."""

    def __init__(self, openid: OpenId) -> None:
        self._http = httpx2.Client(
            verify=ssl.create_default_context(cafile=str(openid.certificates)), timeout=PATIENCE, trust_env=False
        )
        self.page: httpx2.Response
        self.came_back: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, address: str, form: Mapping[str, str]) -> httpx2.Response:
        return self._http.post(address, data=dict(form))

    def go(self, address: str) -> None:
        self._follow(self._http.get(address))

    def _follow(self, answer: httpx2.Response) -> None:
        while answer.next_request is not None:
            answer = self._http.send(answer.next_request)
        self.page = answer
        forms = forms_of(answer.text)
        if forms and forms[0].action.startswith("http://localhost"):
            self.came_back = dict(forms[0].values)
        else:
            assert answer.is_success, answer.text

    def send(self, **filled: str) -> None:
        """Send the page's form."""
        (form,) = forms_of(self.page.text)
        self._follow(self._http.post(str(self.page.url.join(form.action)), data=dict(form.values) | filled))

    def decline(self) -> None:
        """Follow the page's way out."""
        found = re.search(r'href="([^"]+/abort)"', self.page.text)
        assert found
        self.go(str(self.page.url.join(found[1])))

    def sign_in(self, who: str) -> None:
        """Say who one is, and agree to what is asked for."""
        self.send(login=who, password="any")
        self.send()

    def type_code(self, address: str, code: str) -> None:
        """Type a device code where one is told to; the page then shows it, to be compared."""
        self.go(address)
        self.send(user_code=code)
        assert code in self.page.text
