"""What is a company called without the type of its organisation?"""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.normalise import fold
from carnet.core.organisations import company_core, is_organisation
from shared_data import shared


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Contoso Ltd.", "contoso"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Foo Ges.m.b.H.", "foo"),
        ("Contoso S. A.", "contoso"),
        ("Contoso S.à r.l.", "contoso"),
        ("SARL Dupont et Fils", "dupont & fils"),
        ("Etablissements Dupont", "dupont"),
        ("Foo Sp. z o.o.", "foo"),
        ("Foo spol. s r.o.", "foo"),
        ("Foo S.A. de C.V.", "foo"),
        ("Vitamin C A/S", "vitamin c"),
        ("Fastighets Aktiebolag", "fastighets"),
        ("Viajes Sociedad Limitada", "viajes"),
        ("Rossi Società a responsabilità limitata", "rossi"),
        ("Rossi S.r.l.s. in liquidazione", "rossi"),
        ("Kowalski spółka komandytowa", "kowalski"),
        ("Huber e.U.", "huber"),
        ("Hansen I/S", "hansen"),
        ("Virtanen Ky", "virtanen"),
        ("Olsen ANS", "olsen"),
        ("Bernasconi Sagl", "bernasconi"),
        ("Silva Limitada", "silva"),
        ("Fund SCSp", "fund"),
        ("株式会社東芝", "東芝"),
        ("ソニー（株）", "ソニー"),
        ("삼성전자주식회사", "삼성전자"),
        ("华为技术有限公司", "华为技术"),
        ("ООО Ромашка", "ромашка"),
        ("Company, The", "company"),
        ("Chase & Co.", "chase"),
        ("A-B-C Company", "abc"),
        ("A.E.G.", "aeg"),
    ],
)
def test_the_organisation_type_is_no_part_of_the_name(name: str, core: str) -> None:
    assert company_core(name) == core


@pytest.mark.parametrize("name", ["SA", "The Company", "Company", "GmbH & Co. KG", "株式会社", "AS Roma", "!!!"])
def test_a_word_is_always_left(name: str) -> None:
    assert company_core(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IBM France", "IBM Deutschland GmbH"),
        ("A-B-C Company", "X-Y-Z Company"),
        ("Delta Air Lines", "Delta Faucet Company"),
        ("Inc Magazine", "Magazine"),
        ("AS Roma", "Roma"),
        ("Co-operative Group", "Operative Group"),
    ],
)
def test_different_companies_stay_different(one: str, other: str) -> None:
    assert company_core(one) != company_core(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith & Sons", "Smith and Sons"),
        ("Dupont et Fils", "Dupont & Fils"),
        ("AEG", "A.E.G. AG"),
        ("The Phone Co", "Phone Co., The"),
        ("Ørsted A/S", "Orsted"),
    ],
)
def test_spellings_of_one_company_meet(one: str, other: str) -> None:
    assert company_core(one) == company_core(other)


@given(st.text())
def test_only_a_blank_name_has_no_core(name: str) -> None:
    assert bool(company_core(name)) == bool(fold(name))


@pytest.mark.parametrize("name", ["Acme GmbH", "Acme S.A.", "Acme Ltd", "ACME LTD", "Acme Sp. z o.o.", "株式会社東芝", "Acme AG"])
def test_an_organisation_type_makes_an_organisation(name: str) -> None:
    assert is_organisation(name)


@pytest.mark.parametrize("name", ["Luísa Sá", "Bo As", "JEAN SA", "Marie Co", "Ltd", "Jean Dupont", ""])
def test_a_surname_that_sounds_like_a_type_makes_no_organisation(name: str) -> None:
    assert not is_organisation(name)


@pytest.mark.real
def test_real_pairs_meet_where_they_should_and_never_where_they_should_not() -> None:
    with shared("data", "company", "eason_test_data.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    met = [row["Targets"] for row in rows if company_core(row["Name_x"]) == company_core(row["Name_y"])]
    assert len(rows) == 90
    assert met.count("0") == 0
    assert met.count("1") >= 26


@pytest.mark.real
def test_no_two_real_legal_names_of_one_country_meet_by_accident() -> None:
    with shared("data", "company", "gleif_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: dict[tuple[str, str], str] = {}
    met = [
        (seen[key], row["name"])
        for row in rows
        if (key := (row["c"], company_core(row["name"]))) in seen or not seen.setdefault(key, row["name"])
    ]
    assert met == []
