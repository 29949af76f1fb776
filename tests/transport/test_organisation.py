"""What does an application of an organisation send to prove who it is?"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from authority import Authority
from authority import authority as trusted
from carnet.errors import CarnetError, NotSignedIn, Refused
from carnet.testing.memory_vault import MemoryVault
from carnet.transport.signin import Application, Organisation, refusal
from carnet.vault import certificate_of
from certificates import rsa_key, signer

SCOPE = "https://contoso.crm4.dynamics.com/.default"
SECRET = "the secret of the organisation"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    with trusted(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def organisation(authority: Authority, vault: MemoryVault) -> Iterator[Organisation]:
    application = Application(client_id="app-1", authority=authority.issuer, scopes=(SCOPE,))
    made = Organisation(application, vault=vault, name="c1")
    yield made
    made.close()


def test_with_a_certificate_a_signature_is_sent_and_neither_key_nor_secret(
    organisation: Organisation, authority: Authority, vault: MemoryVault, *, caplog: pytest.LogCaptureFixture
) -> None:
    own = signer()
    kept = certificate_of(own.pem(), name="app.pem", password="", now=datetime.now(UTC))
    vault.put("c1", kept)
    with caplog.at_level(logging.DEBUG):
        assert organisation() == "token 1"
    (form,) = authority.forms
    assert (form["grant_type"], form["scope"], form["client_id"]) == ("client_credentials", SCOPE, "app-1")
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    audience = f"{authority.issuer}/token"
    said = jwt.decode(form["client_assertion"], rsa_key().public_key(), ["PS256"], audience=audience)
    assert (said["iss"], said["sub"]) == ("app-1", "app-1")
    assert 0 < said["exp"] - said["iat"] <= 600
    assert set(jwt.get_unverified_header(form["client_assertion"])) >= {"x5t#S256", "x5c"}
    body = "".join(form.values())
    lines = [line for line in own.key_pem().decode().splitlines() if len(line) > 40]
    assert lines
    assert [line for line in lines if line in body or line in caplog.text or line in repr(organisation)] == []


def test_a_second_token_is_asked_for_only_where_the_first_was_refused(
    organisation: Organisation, authority: Authority, vault: MemoryVault
) -> None:
    vault.put("c1", certificate_of(signer().pfx(b"pw"), name="app.pfx", password="pw", now=datetime.now(UTC)))
    assert [organisation(), organisation(), organisation.refresh()] == ["token 1", "token 1", "token 2"]
    assertions = [each["client_assertion"] for each in authority.forms]
    assert len(set(assertions)) == 2  # one signature serves once


def test_with_a_secret_the_secret_is_sent(organisation: Organisation, authority: Authority, vault: MemoryVault) -> None:
    vault.put("c1", SECRET)
    assert organisation() == "token 1"
    assert authority.forms[0]["client_secret"] == SECRET
    assert "client_assertion" not in authority.forms[0]


def test_after_signing_out_nothing_is_left_to_sign_with(organisation: Organisation, vault: MemoryVault) -> None:
    vault.put("c1", SECRET)
    organisation()
    organisation.sign_out()
    assert vault.get("c1") is None
    with pytest.raises(NotSignedIn, match="not in the vault"):
        organisation()


@pytest.mark.parametrize(
    ("codes", "kind", "said"),
    [
        ([7000222], NotSignedIn, "secret has expired"),
        ([700027], NotSignedIn, "certificate is not known there, or has expired"),
        ([7000215], Refused, "does not know this application"),
    ],
)
def test_what_microsoft_says_of_a_secret_or_certificate_is_told(codes: list[int], kind: type[CarnetError], said: str) -> None:
    told = refusal({"error": "invalid_client", "error_codes": codes, "error_description": "AADSTS: app-1 of contoso"})
    assert type(told) is kind
    assert said in str(told)
    assert "contoso" not in f"{told} {told.hint}"
