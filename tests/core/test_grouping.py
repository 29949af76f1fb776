"""Which contacts are reviewed together, and how much of each group has the CRM?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.grouping import group, memberships
from carnet.core.normalise import company_key
from carnet.core.resolving import Resolution, ResolutionKind
from carnet.model.contact import Contact, Record
from carnet.model.group import NONE_KEY, Colour, Coverage, Group, Mode
from carnet.model.match import Confidence, Match
from people import account, record

FOUND = {company_key("Contoso"): Resolution(kind=ResolutionKind.FOUND, accounts=(account("7", "Contoso Group"),))}


def grouped(mode: Mode, *records: Record, matches: dict[str, Confidence] | None = None) -> tuple[Group, ...]:
    verdicts = {identity: Match(record=identity, confidence=confidence) for identity, confidence in (matches or {}).items()}
    return group(records, mode, resolutions=FOUND, matches=verdicts)


def rows(groups: tuple[Group, ...]) -> list[tuple[str, str, int]]:
    return [(each.key, each.title, len(each.records)) for each in groups]


def test_w08_contacts_of_one_account_stand_together_under_its_name() -> None:
    groups = grouped(
        Mode.COMPANY, record("1", company="CONTOSO"), record("2", company=" Contoso"), record("3", company="Fabrikam")
    )
    assert rows(groups) == [("account:7", "Contoso Group", 2), ("company:fabrikam", "Fabrikam", 1)]
    assert [each.account for each in groups] == ["7", None]


def test_w21_spelling_variants_of_a_company_are_separate_rows() -> None:
    groups = grouped(
        Mode.COMPANY, record("1", company="Contoso"), record("2", company="Contoso Ltd"), record("3", company="Contoso, Ltd")
    )
    assert [each.key for each in groups] == ["account:7", "company:contoso ltd", "company:contoso, ltd"]


@pytest.mark.parametrize("kind", [ResolutionKind.SEVERAL, ResolutionKind.LOOSE, ResolutionKind.MISSING])
def test_a_company_without_one_account_stands_under_its_own_name(kind: ResolutionKind) -> None:
    resolutions = {"contoso": Resolution(kind=kind, accounts=(account("7", "Contoso Group"),))}
    groups = group([record("1", company="Contoso")], Mode.COMPANY, resolutions=resolutions, matches={})
    assert rows(groups) == [("company:contoso", "Contoso", 1)]
    assert groups[0].account is None


def test_the_title_is_the_most_common_spelling() -> None:
    groups = grouped(
        Mode.COMPANY, *(record(str(place), company=name) for place, name in enumerate(["ÉCOLE", "École", "École", "Ecole"]))
    )
    assert rows(groups) == [("company:ecole", "École", 4)]


def test_w09_w10_a_domain_is_what_stands_after_the_at_sign_whatever_its_case() -> None:
    groups = grouped(Mode.DOMAIN, record("1", email1="someone@contoso.com"), record("2", email1="X@Mail.CONTOSO.com"))
    assert rows(groups) == [("domain:contoso.com", "contoso.com", 2)]
    assert groups[0].hosts == ("contoso.com", "mail.contoso.com")


def test_the_first_usable_address_gives_the_domain() -> None:
    groups = grouped(Mode.DOMAIN, record("1", email1="/o=Contoso/cn=x", email2="x@fabrikam.com", email3="x@contoso.com"))
    assert rows(groups) == [("domain:fabrikam.com", "fabrikam.com", 1)]
    assert groups[0].hosts == ("fabrikam.com",)


def test_a_mail_provider_is_a_row_of_its_own_marked_personal_and_without_an_account() -> None:
    groups = grouped(
        Mode.DOMAIN, record("1", email1="x@gmail.com", company="Contoso"), record("2", email1="x@contoso.com", company="Contoso")
    )
    assert [(each.key, each.personal, each.account) for each in groups] == [
        ("domain:contoso.com", False, None),
        ("domain:gmail.com", True, None),
    ]


def test_w11_w13_a_contact_of_two_categories_stands_in_both() -> None:
    groups = grouped(Mode.CATEGORY, record("1", categories=["Client", "VIP", "vip"]), record("2", categories=["client"]))
    assert rows(groups) == [("category:client", "Client", 2), ("category:vip", "vip", 1)]
    assert memberships(groups) == 3


@pytest.mark.parametrize("mode", list(Mode))
def test_w12_a_contact_without_a_value_is_in_the_last_group(mode: Mode) -> None:
    full = record("1", company="Zebra", email1="x@zebra.com", categories=["Zebra"])
    groups = grouped(mode, record("0", email1="none", company="  ", categories=[" "]), full)
    assert [(each.key, each.title) for each in groups][1:] == [(NONE_KEY, "")]
    assert (groups[-1].hosts, groups[-1].personal) == ((), False)


def test_rows_are_ordered_by_their_titles_case_and_accents_aside() -> None:
    groups = grouped(Mode.COMPANY, *(record(name, company=name) for name in ["Zoo", "école", "Eau", "alpha"]))
    assert [each.title for each in groups] == ["alpha", "Eau", "école", "Zoo"]


def test_coverage_counts_linked_known_and_possible_apart() -> None:
    confidences = [
        Confidence.LINKED,
        Confidence.CERTAIN,
        Confidence.CERTAIN,
        Confidence.LIKELY,
        Confidence.DOUBTFUL,
        Confidence.NONE,
    ]
    matches = {str(place): confidence for place, confidence in enumerate(confidences)}
    groups = grouped(Mode.COMPANY, *(record(str(place), company="Fabrikam") for place in range(7)), matches=matches)
    assert groups[0].coverage == Coverage(total=7, linked=1, known=2, possible=1)


@pytest.mark.parametrize(
    ("present", "total", "colour"),
    [
        pytest.param(4, 4, Colour.GREEN, id="W16 all is green"),
        pytest.param(3, 4, Colour.YELLOW, id="W17 over half is yellow"),
        pytest.param(2, 4, Colour.RED, id="W18 exactly half is red"),
        pytest.param(1, 4, Colour.RED, id="W18 at least one is red"),
        pytest.param(0, 4, Colour.NONE, id="W19 none has no colour"),
        pytest.param(1, 1, Colour.GREEN, id="W20 the only one is green"),
    ],
)
def test_w16_to_w20_the_colour_says_how_much_the_crm_has(present: int, total: int, colour: Colour) -> None:
    matches = {str(place): Confidence.CERTAIN if place % 2 else Confidence.LINKED for place in range(present)}
    matches |= {str(place): Confidence.LIKELY for place in range(present, total)}
    groups = grouped(Mode.COMPANY, *(record(str(place), company="Fabrikam") for place in range(total)), matches=matches)
    assert groups[0].coverage.colour is colour


_CONTACT = st.builds(
    lambda values, categories: Contact(values=values, categories=tuple(categories)),
    st.dictionaries(
        st.sampled_from(["company", "email1", "email2"]),
        st.sampled_from(["Contoso", "contoso ", "A", "a@b.fr", "x@gmail.com", "@", "x@mail.B.fr"]),
    ),
    st.lists(st.sampled_from(["VIP", "vip", "Client", "", "é", "E"]), max_size=4),
)
_RECORDS = st.lists(_CONTACT, max_size=12).map(lambda cards: [record(str(place), of=card) for place, card in enumerate(cards)])


@given(_RECORDS, st.sampled_from([Mode.COMPANY, Mode.DOMAIN]))
def test_by_company_and_by_domain_every_contact_stands_in_exactly_one_group(records: list[Record], mode: Mode) -> None:
    groups = grouped(mode, *records)
    assert sorted(identity for each in groups for identity in each.records) == sorted(each.id for each in records)
    assert memberships(groups) == len(records)


@given(_RECORDS)
def test_by_category_no_contact_is_left_out_or_twice_in_a_group(records: list[Record]) -> None:
    groups = grouped(Mode.CATEGORY, *records)
    assert {identity for each in groups for identity in each.records} == {each.id for each in records}
    assert all(len(set(each.records)) == len(each.records) for each in groups)
    assert memberships(groups) >= len(records)


@given(_RECORDS, st.sampled_from(list(Mode)), st.lists(st.sampled_from(list(Confidence)), min_size=12, max_size=12))
def test_groups_have_their_own_keys_a_sure_order_and_a_coverage_that_adds_up(
    records: list[Record], mode: Mode, confidences: list[Confidence]
) -> None:
    groups = grouped(mode, *records, matches={str(place): confidence for place, confidence in enumerate(confidences)})
    assert len({each.key for each in groups}) == len(groups)
    assert NONE_KEY not in [each.key for each in groups[:-1]]
    for each in groups:
        assert each.coverage.total == len(each.records) > 0
        assert each.coverage.linked + each.coverage.known + each.coverage.possible <= each.coverage.total
    assert {each.key: set(each.records) for each in grouped(mode, *reversed(records))} == {
        each.key: set(each.records) for each in groups
    }
