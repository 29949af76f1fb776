"""Which account does a company's name mean?"""

from __future__ import annotations

import itertools

import pytest

from carnet.core.blocking import candidate_of
from carnet.core.resolving import Resolution, ResolutionKind, resolve
from carnet.model.account import CrmRecord
from carnet.model.match import Candidate
from people import REGION, crm_account, crm_contact


def resolved(company: str, *records: CrmRecord) -> Resolution:
    by_key: dict[str, list[Candidate]] = {}
    for record in records:
        candidate, keys = candidate_of(record, REGION)
        for key in keys:
            by_key.setdefault(key, []).append(candidate)
    return resolve(company, by_key)


def verdict(resolution: Resolution) -> tuple[ResolutionKind, list[str]]:
    return resolution.kind, [account.id for account in resolution.accounts]


@pytest.mark.parametrize("company", ["", "   ", "\u200b"])
def test_no_company_is_blank(company: str) -> None:
    assert verdict(resolved(company, crm_account("1", "Contoso"))) == (ResolutionKind.BLANK, [])


@pytest.mark.parametrize("company", ["Contoso Énergie", "CONTOSO  ENERGIE ", "Ｃontoso énergie"])
def test_one_account_of_that_name_is_found_whatever_case_accents_and_spacing(company: str) -> None:
    assert verdict(resolved(company, crm_account("1", "Contoso Énergie"), crm_account("2", "Fabrikam"))) == (
        ResolutionKind.FOUND,
        ["1"],
    )


def test_an_equal_name_is_found_even_beside_a_nearly_equal_one() -> None:
    assert verdict(resolved("Contoso", crm_account("1", "Contoso Ltd"), crm_account("2", "Contoso"))) == (
        ResolutionKind.FOUND,
        ["2"],
    )


def test_several_accounts_of_one_name_are_a_question_in_a_stable_order() -> None:
    records = [crm_account("3", "Contoso"), crm_account("1", "CONTOSO"), crm_account("2", "contoso")]
    verdicts = {str(verdict(resolved("Contoso", *order))) for order in itertools.permutations(records)}
    assert len(verdicts) == 1
    kind, accounts = verdict(resolved("Contoso", *records))
    assert kind is ResolutionKind.SEVERAL
    assert sorted(accounts) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("company", "name"), [("Contoso", "Contoso SARL"), ("Contoso GmbH", "Contoso"), ("Contoso Ltd", "Contoso, Inc.")]
)
def test_a_name_equal_only_without_the_organisation_type_is_a_question(company: str, name: str) -> None:
    assert verdict(resolved(company, crm_account("1", name))) == (ResolutionKind.LOOSE, ["1"])


def test_an_inactive_account_is_not_there_beside_an_active_one() -> None:
    gone = crm_account("1", "Contoso", active=False)
    assert verdict(resolved("Contoso", gone, crm_account("2", "Contoso"))) == (ResolutionKind.FOUND, ["2"])
    assert verdict(resolved("Contoso", gone, crm_account("2", "Contoso Ltd"))) == (ResolutionKind.LOOSE, ["2"])


def test_an_inactive_account_alone_is_a_question_and_never_found() -> None:
    assert verdict(resolved("Contoso", crm_account("1", "Contoso", active=False))) == (ResolutionKind.LOOSE, ["1"])


def test_a_company_that_the_crm_does_not_know_is_missing() -> None:
    assert verdict(resolved("Contoso", crm_account("1", "Fabrikam"))) == (ResolutionKind.MISSING, [])


def test_a_person_is_no_account() -> None:
    person, _ = candidate_of(crm_contact("1", full_name="Contoso"), REGION)
    assert resolve("Contoso", {"a:contoso": [person], "o:contoso": [person]}).kind is ResolutionKind.MISSING
