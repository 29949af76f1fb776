"""When do two texts mean the same?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.normalise import (
    company_key,
    email_host,
    email_key,
    fold,
    is_free_mail,
    is_role_address,
    name_tokens,
    phone_key,
    registrable_domain,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Société   Générale\t", "societe generale"),
        ("Straße", "strasse"),
        ("ŒUVRE Øre Łódź", "oeuvre ore lodz"),
        ("ﬁn Ⅳ ＡＢＣ", "fin iv abc"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("İstanbul ısı", "istanbul isi"),
        ("L'Oréal, S.A.", "l'oreal, s.a."),
        ("ガス", "ガス"),
        ("삼성", "삼성"),
    ],
)
def test_folding_drops_case_accents_and_spaces_and_keeps_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_voicing_mark_of_japanese_is_no_accent() -> None:
    assert fold("ガ") != fold("カ")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Jean.Dupont@Contoso.COM", "jean.dupont@contoso.com"),
        (" mailto:jean@contoso.com?subject=x ", "jean@contoso.com"),
        ("Jean Dupont <Jean@contoso.com>", "jean@contoso.com"),
        ("'jean@contoso.com'", "jean@contoso.com"),
        ("jean@contoso.com;", "jean@contoso.com"),
        ("jean@xn--bcher-kva.de", "jean@bücher.de"),
        ("jean@[10.0.0.1]", "jean@[10.0.0.1]"),
        ("jean@intranet", "jean@intranet"),
        ("/o=Contoso/ou=EU/cn=Recipients/cn=jean", ""),
        ("a@contoso.com; b@contoso.com", ""),
        ("jean@contoso..com", ""),
        ("jean", ""),
        ("", ""),
    ],
)
def test_an_address_is_compared_bare_and_is_nothing_if_it_is_not_smtp(address: str, key: str) -> None:
    assert email_key(address) == key


@given(st.emails())
def test_every_plain_address_has_a_key_that_is_its_own_key(address: str) -> None:
    key = email_key(address)
    assert email_key(key) == key
    assert key == "" or email_host(address) == key.rpartition("@")[2]


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.contoso.com", "contoso.com"),
        ("Mail.Contoso.co.uk.", "contoso.co.uk"),
        ("contoso.onmicrosoft.com", "contoso.onmicrosoft.com"),
        ("contoso.mail.onmicrosoft.com", "contoso.onmicrosoft.com"),
        ("intranet", "intranet"),
        ("10.0.0.1", "10.0.0.1"),
        ("[10.0.0.1]", "[10.0.0.1]"),
        ("co.uk", "co.uk"),
        ("", ""),
    ],
)
def test_the_registrable_domain_is_what_somebody_registered(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


_PROVIDERS = """
gmail.com googlemail.com outlook.fr outlook.com.br hotmail.co.uk live.nl msn.com yahoo.co.jp ymail.com icloud.com me.com mac.com
gmx.net gmx.at web.de t-online.de orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr proton.me protonmail.com aol.com
mail.ru yandex.ru qq.com vip.qq.com 163.com
"""


@pytest.mark.parametrize(
    "domain",
    _PROVIDERS.split(),
)
def test_a_mail_provider_is_free_mail(domain: str) -> None:
    assert is_free_mail(domain)


@pytest.mark.parametrize(
    "domain", ["contoso.com", "outlooktravel.com", "me.fr", "mac.fr", "orange.com", "mygmail.com", "gmail.contoso.com", ""]
)
def test_a_company_is_not_free_mail(domain: str) -> None:
    assert not is_free_mail(domain)


@pytest.mark.parametrize(
    "address",
    [
        "info@contoso.fr",
        "No-Reply@contoso.fr",
        "sales.emea@contoso.fr",
        "service-client@contoso.fr",
        "compta@x.fr",
        "accueil2@x.fr",
    ],
)
def test_a_desk_has_a_role_address(address: str) -> None:
    assert is_role_address(address)


@pytest.mark.parametrize(
    "address", ["jean.dupont@contoso.fr", "marie.contact@contoso.fr", "infogerance.martin@contoso.fr", "not an address"]
)
def test_a_person_has_no_role_address(address: str) -> None:
    assert not is_role_address(address)


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("01 42 68 53 00", "FR", "+33142685300"),
        ("01.42.68.53.00", "fr", "+33142685300"),
        ("0033 1 42 68 53 00", "US", "+33142685300"),
        ("+33 (0)1 42 68 53 00", "", "+33142685300"),
        ("+33 1 42 68 53 00 ext. 12", "FR", "+33142685300"),
        ("tel:+1-212-555-0100;ext=5", "FR", "+12125550100"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("(925)599-3355(925)599-3355", "US", "+19255993355"),
        ("0650 675 73 300650 675 73 30", "AT", "+436506757330"),
        ("01 42 68 53 00 / 06 12 34 56 78", "FR", "+33142685300"),
        ("poste 4512", "FR", ""),
        ("3615", "FR", ""),
        ("555-1234", "US", ""),
        ("01 42 68 53 00", "", ""),
        ("n/a", "FR", ""),
        ("", "FR", ""),
    ],
)
def test_a_phone_is_compared_in_e164(text: str, region: str, key: str) -> None:
    assert phone_key(text, region) == key


@given(st.text(max_size=40), st.sampled_from(["FR", "US", "DE", "", "ZZ"]))
def test_any_text_at_all_is_a_number_or_none(text: str, region: str) -> None:
    key = phone_key(text, region)
    assert key == "" or (key.startswith("+") and key[1:].isdigit())


@pytest.mark.parametrize(("one", "other"), [("Société  Générale ", "SOCIETE GENERALE"), ("Contoso\u00a0Ltd", "contoso ltd")])
def test_companies_are_equal_after_case_accents_and_spacing(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


@pytest.mark.parametrize(("one", "other"), [("Contoso", "Contoso Ltd"), ("Contoso, Inc", "Contoso Inc"), ("P&G", "P & G")])
def test_companies_are_not_equal_after_anything_else(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Jean-Pierre D'Hont", ("jean", "pierre", "dhont")),
        ("O’Brien, J.P.", ("obrien", "j", "p")),
        ("Dupont Jean [Acme]", ("dupont", "jean")),
        ("(Acme)", ("acme",)),
        ("—", ()),
    ],
)
def test_a_name_is_its_words(text: str, tokens: tuple[str, ...]) -> None:
    assert name_tokens(text) == tokens
