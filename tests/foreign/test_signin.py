"""Does a person, or an organisation, sign in at an OpenID provider nobody here wrote?"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from carnet.errors import NotSignedIn, Refused, Unavailable
from carnet.testing.memory_vault import MemoryVault
from carnet.transport.signin import Application, Begun, Organisation, SignIn
from carnet.vault import certificate_of
from certificates import rsa_key, signer
from foreign.openid import Browser, OpenId, provider

pytestmark = pytest.mark.foreign
WHO = "camille@contoso.com"
SCOPES = ("User.Read", "Contacts.Read")
CALLBACK = "http://localhost:8765/connections/callback"
DEFAULT = "https://graph.microsoft.com/.default"
SECRET = "the secret of the organisation"
Person = Callable[..., SignIn]


@pytest.fixture(scope="module")
def openid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenId]:
    with provider(tmp_path_factory.mktemp("openid"), signers=[signer()]) as found:
        yield found


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def person(openid: OpenId, vault: MemoryVault, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Makes the sign-in of a person; two of them are two programs with one vault."""
    monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
    made: list[SignIn] = []

    def make(client: str = "carnet", *, authority: str = "") -> SignIn:
        application = Application(client_id=client, authority=authority or openid.issuer, scopes=SCOPES)
        made.append(SignIn(application, vault=vault, name="c1", account=""))
        return made[-1]

    yield make
    for each in made:
        each.close()


def by_code(signing: SignIn, openid: OpenId) -> str:
    """Sign in with a device code."""
    code = signing.begin_device()
    with Browser(openid) as browser:
        browser.type_code(code.address, code.code)
        browser.send()
        browser.sign_in(WHO)
    return signing.finish_device(code.flow)


def through_browser(begun: Begun, openid: OpenId, *, agrees: bool = True) -> dict[str, str]:
    """What the provider sends the browser back with."""
    with Browser(openid) as browser:
        browser.go(begun.address)
        if agrees:
            browser.sign_in(WHO)
        else:
            browser.decline()
        return browser.came_back


def test_a_person_signs_in_with_a_device_code(person: Person, openid: OpenId, vault: MemoryVault) -> None:
    signing = person()
    code = signing.begin_device()
    assert code.address == f"{openid.issuer}/device"
    assert 0 < code.seconds <= 300
    told: list[str] = []
    waiting = threading.Thread(target=lambda: told.append(signing.finish_device(code.flow)))
    waiting.start()
    with Browser(openid) as browser:
        browser.type_code(code.address, code.code)
        browser.send()
        browser.sign_in(WHO)
        assert "Sign-in Success" in browser.page.text
    waiting.join(timeout=30)
    assert told == [WHO]
    said = openid.whose(signing())
    assert (said["active"], said["sub"]) == (True, WHO)
    assert set(SCOPES) <= set(said["scope"].split())
    assert WHO in (vault.get("c1") or "")


def test_a_person_signs_in_in_the_browser_with_a_code_and_its_proof(person: Person, openid: OpenId) -> None:
    signing = person()
    begun = signing.begin_browser(CALLBACK)
    asked = parse_qs(urlsplit(begun.address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert set(SCOPES) <= set(asked["scope"][0].split())
    answer = through_browser(begun, openid)
    with pytest.raises(NotSignedIn, match="does not belong"):
        signing.finish_browser(begun.flow, {**answer, "state": "guessed"})
    assert signing.finish_browser(begun.flow, answer) == WHO
    assert openid.whose(signing())["sub"] == WHO
    with pytest.raises(NotSignedIn):  # a code serves once
        person().finish_browser(begun.flow, answer)


def test_a_code_without_its_proof_gives_nothing(person: Person, openid: OpenId, vault: MemoryVault) -> None:
    signing = person()
    begun = signing.begin_browser(CALLBACK)
    answer = through_browser(begun, openid)
    with pytest.raises(NotSignedIn):
        signing.finish_browser({**begun.flow, "code_verifier": "x" * 43}, answer)
    assert vault.get("c1") is None


def test_who_declines_is_not_signed_in(person: Person, openid: OpenId, vault: MemoryVault) -> None:
    signing = person()
    begun = signing.begin_browser(CALLBACK)
    with pytest.raises(NotSignedIn, match="declined"):
        signing.finish_browser(begun.flow, through_browser(begun, openid, agrees=False))
    code = signing.begin_device()
    with Browser(openid) as browser:
        browser.type_code(code.address, code.code)
        browser.send(abort="yes")
    with pytest.raises(NotSignedIn, match="declined"):
        signing.finish_device(code.flow)
    assert vault.get("c1") is None


def test_waiting_for_a_code_can_be_given_up(person: Person) -> None:
    signing = person()
    with pytest.raises(NotSignedIn):
        signing.finish_device(signing.begin_device().flow, cancelled=lambda: True)


def test_an_organisation_signs_in_with_its_secret(openid: OpenId, vault: MemoryVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
    application = Application(client_id="organisation", authority=openid.issuer, scopes=(DEFAULT,))
    signing = Organisation(application, vault=vault, name="c1")
    with pytest.raises(NotSignedIn, match="not in the vault"):
        signing()
    vault.put("c1", "another secret")
    with pytest.raises(Refused, match="does not know this application"):
        signing()
    vault.put("c1", SECRET)
    token = signing.refresh()
    said = openid.whose(token)
    assert (said["active"], said["client_id"], said["scope"]) == (True, "organisation", DEFAULT)
    before = openid.tokens_asked()
    assert signing() == token
    assert openid.tokens_asked() == before
    assert signing.refresh() != token
    signing.sign_out()
    assert vault.get("c1") is None
    with pytest.raises(NotSignedIn):
        signing()
    signing.close()


def test_an_organisation_signs_in_with_its_certificate(
    openid: OpenId, vault: MemoryVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
    signing = Organisation(Application(client_id="certified", authority=openid.issuer, scopes=(DEFAULT,)), vault=vault, name="c1")
    for wrong in (certificate_of(signer(rsa_key(1)).pem(), name="", password="", now=datetime.now(UTC)), SECRET):
        vault.put("c1", wrong)
        with pytest.raises(Refused, match="does not know this application"):
            signing.refresh()
    vault.put("c1", certificate_of(signer().pfx(b"pw"), name="", password="pw", now=datetime.now(UTC)))
    token = signing.refresh()
    said = openid.whose(token)
    assert (said["active"], said["client_id"], said["scope"]) == (True, "certified", DEFAULT)
    before = openid.tokens_asked()
    assert signing() == token
    assert openid.tokens_asked() == before
    assert signing.refresh() != token
    signing.sign_out()
    with pytest.raises(NotSignedIn):
        signing()
    signing.close()


def test_a_token_serves_until_its_end_and_is_renewed_then(person: Person, openid: OpenId) -> None:
    signing = person()
    by_code(signing, openid)
    before = openid.tokens_asked()
    token = signing()
    assert [signing() for _ in range(5)] == [token] * 5
    assert openid.tokens_asked() == before
    renewed = signing.refresh()
    assert renewed != token
    assert openid.tokens_asked() == before + 1
    assert openid.whose(renewed)["active"]
    assert person()() == renewed, "another program takes it out of the vault"
    assert openid.tokens_asked() == before + 1


def test_two_programs_renew_in_turn(person: Person, openid: OpenId) -> None:
    one, other = person(), person()
    by_code(one, openid)
    assert other() == one()
    tokens = {one(), one.refresh(), other.refresh(), one.refresh()}  # the provider lets a refresh token serve once
    assert len(tokens) == 4
    assert openid.whose(one())["active"]


def test_a_sign_in_that_has_ended_asks_to_sign_in_again(person: Person, openid: OpenId) -> None:
    signing = person("brief")
    by_code(signing, openid)
    time.sleep(2.5)
    with pytest.raises(NotSignedIn, match="no longer holds"):
        signing()


def test_signing_out_forgets_in_every_program(person: Person, openid: OpenId, vault: MemoryVault) -> None:
    one, other = person(), person()
    by_code(one, openid)
    other()
    one.sign_out()
    assert vault.get("c1") is None
    with pytest.raises(NotSignedIn):
        one()
    with pytest.raises(NotSignedIn):
        other.refresh()
    assert vault.get("c1") is None, "nothing comes back into the vault"
    with pytest.raises(NotSignedIn):
        other()


def test_only_the_named_authority_is_trusted(person: Person, monkeypatch: pytest.MonkeyPatch, openid: OpenId) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(openid.certificates))
    with pytest.raises(Refused, match="does not trust"):
        person().begin_device()
    monkeypatch.setenv("SSL_CERT_FILE", str(openid.certificates))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    assert person().begin_device().code


def test_a_proxy_of_the_environment_is_used_but_not_for_exceptions(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        person().begin_device()
    monkeypatch.setenv("no_proxy", "localhost")
    assert person().begin_device().code


def test_a_directory_that_is_none_and_an_unknown_application_are_refused(person: Person, openid: OpenId) -> None:
    with pytest.raises(Refused, match="no such directory"):
        person(authority=openid.issuer.replace("contoso", "fabrikam")).begin_device()
    with pytest.raises(Refused, match="does not know this application"):
        person("somebody-else").begin_device()
    with pytest.raises(Unavailable):
        person(authority="https://localhost:9/contoso").begin_device()


def test_nothing_secret_is_told(person: Person, openid: OpenId, vault: MemoryVault, *, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        signing = person()
        code = signing.begin_device()
        begun = signing.begin_browser(CALLBACK)
        answer = through_browser(begun, openid)
        signing.finish_browser(begun.flow, answer)
        token, renewed = signing(), signing.refresh()
        with pytest.raises(NotSignedIn) as refused:
            signing.finish_browser(begun.flow, answer)
    cache = json.loads(vault.get("c1") or "{}")
    secrets = {entry["secret"] for kind in ("AccessToken", "RefreshToken", "IdToken") for entry in cache[kind].values()}
    assert len(secrets) >= 3
    secrets |= {token, renewed, WHO, answer["code"], code.flow["device_code"], begun.flow["code_verifier"]}
    told = caplog.text + "".join(map(repr, (signing, code, begun, refused.value, vault)))
    assert not [secret for secret in secrets if secret in told]
