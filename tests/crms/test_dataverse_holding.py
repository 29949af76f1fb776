"""Are the organisation's own duplicate rules honoured, foreseen, and told with their candidates?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from carnet.errors import Refused
from carnet.model.change import Duplicate, Outcome, Write
from carnet.model.duplicate_rule import Condition, DuplicateRule, Sameness
from carnet.testing.crm_suite import ACCOUNT, CONTACT, account, contact, id_of, one, seen
from crms.dataverse_world import Dynamics, dynamics

RUN = 77


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics() as found:
        yield found


def checked(write: Write, run: int = RUN) -> Write:
    return replace(write, detect=True, run=run)


def test_d01_a_contact_that_meets_a_published_rule_is_held_with_its_candidates(world: Dynamics) -> None:
    known = world.organisation.add_contact(lastname="Aubert", emailaddress1="INFO@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    writes = [checked(contact("Durand", email1="info@contoso.com")), checked(contact("Colin", email1="c@contoso.com"))]
    expected = (Duplicate(kind=CONTACT, id=known, rule="Same e-mail"),)
    assert world.crm.duplicates(writes) == {id_of("Durand"): expected}
    first, second = world.crm.apply(writes)
    assert (first.outcome, first.duplicates) == (Outcome.DUPLICATE, expected)
    assert second.outcome is Outcome.DONE
    assert world.names() == ["Aubert", "Colin"]


def test_d02_what_a_person_saves_all_the_same_is_created(world: Dynamics) -> None:
    world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    assert one(world.crm, contact("Durand", email1="info@contoso.com")).outcome is Outcome.DONE


def test_d03_candidates_may_be_of_several_kinds(world: Dynamics) -> None:
    person = world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    firm = world.organisation.add_account(name="Contoso", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    world.organisation.add_rule("E-mail of an account", "emailaddress1", matching="account")
    receipt = one(world.crm, checked(contact("Durand", email1="info@contoso.com")))
    assert {(each.kind, each.id) for each in receipt.duplicates} == {(CONTACT, person), (ACCOUNT, firm)}


@pytest.mark.parametrize("off", ["the organisation", "the rule"])
def test_d04_nothing_is_held_while_detection_is_off_or_no_rule_is_published(world: Dynamics, off: str) -> None:
    world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1", published=off != "the rule")
    world.organisation.detect(on=off != "the organisation")
    write = checked(contact("Durand", email1="info@contoso.com"))
    assert world.crm.detection().published(CONTACT) == ()
    assert world.crm.duplicates([write]) == {}
    assert one(world.crm, write).outcome is Outcome.DONE


def test_the_organisations_rules_are_told_and_not_set_from_here(world: Dynamics) -> None:
    last = ("mobilephone", 2, 6)
    identity = world.organisation.add_rule("Phone", last, "lastname", case_sensitive=True, exclude_inactive=False)
    conditions = (Condition(field="mobile_phone", sameness=Sameness.LAST, length=6), Condition(field="surname"))
    told = DuplicateRule(
        id=identity, name="Phone", conditions=conditions, exclude_inactive=False, case_sensitive=True, published=True
    )
    assert world.crm.detection().rules == (told,)
    acts: list[Callable[[], None]] = [
        lambda: world.crm.save_rule(told),
        lambda: world.crm.drop_rule(identity),
        lambda: world.crm.set_detection(on=False),
    ]
    for act in acts:
        with pytest.raises(Refused, match="not set from here"):
            act()


@pytest.mark.parametrize(
    "case",
    [
        ((("mobilephone", 2, 6),), {"mobile_phone": "0612 34 56"}, True),
        ((("mobilephone", 2, 6),), {"mobile_phone": "0612 34 57"}, False),
        ((("lastname", 1, 4),), {}, True),
        (("firstname", "lastname"), {"given_name": "zoé"}, True),
        (("firstname", "lastname"), {"given_name": "Chloé"}, False),
        (("jobtitle",), {}, False),
    ],
)
def test_what_is_foreseen_is_what_the_crm_holds(world: Dynamics, case: tuple[tuple[str, ...], dict[str, str], bool]) -> None:
    conditions, values, same = case
    world.organisation.add_contact(firstname="Zoé", lastname="Durand", mobilephone="+33 6 12 34 56")
    world.organisation.add_rule("Test", *conditions)
    write = checked(contact("Durand", None, **values))
    assert bool(world.crm.duplicates([write])) is same
    assert (one(world.crm, write).outcome is Outcome.DUPLICATE) is same


def test_what_the_same_run_has_made_is_no_duplicate(world: Dynamics) -> None:
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    some = [checked(contact(name, email1="info@contoso.com")) for name in ("Aubert", "Bernard", "Colin")]
    assert {receipt.outcome for receipt in world.crm.apply(some)} == {Outcome.DONE}
    late = one(world.crm, checked(contact("Durand", email1="info@contoso.com"), RUN + 1))
    assert [each.id for each in late.duplicates] == sorted(map(id_of, ("Aubert", "Bernard", "Colin")))


def test_trying_again_what_a_rule_would_hold_by_itself_says_already(world: Dynamics) -> None:
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    write = checked(contact("Aubert", email1="a@contoso.com"))
    assert [one(world.crm, each).outcome for each in (write, replace(write, run=RUN + 1))] == [Outcome.DONE, Outcome.ALREADY]


def test_a_colleagues_record_of_the_same_moment_is_told_beside_ours(world: Dynamics) -> None:
    world.organisation.add_contact(lastname="Before", emailaddress1="old@contoso.com", overriddencreatedon="2020-01-01T00:00:00Z")
    since = seen(world.crm)[2]
    theirs = world.organisation.add_contact(lastname="Durand", emailaddress2="ZOE@contoso.com")
    firm = world.organisation.add_account(name="CONTOSO")
    writes = [contact("Durand", email1="zoe@contoso.com"), contact("Aubert", email1="old@contoso.com"), account("Contoso")]
    receipts = world.crm.apply([replace(write, since=since, run=RUN) for write in writes])
    assert [receipt.outcome for receipt in receipts] == [Outcome.DONE] * 3
    assert [receipt.duplicates for receipt in receipts] == [
        (Duplicate(kind=CONTACT, id=theirs),),
        (),
        (Duplicate(kind=ACCOUNT, id=firm),),
    ]


def test_where_a_rule_compares_in_a_way_of_its_own_the_crm_itself_names_the_candidates(world: Dynamics) -> None:
    known = world.organisation.add_contact(lastname="Aubert", birthdate="1981-02-28")
    world.organisation.add_rule("Same birthday", ("birthdate", 3, 0))
    write = checked(contact("Durand", birthday="1981-02-28"))
    assert world.crm.duplicates([write]) == {}
    receipt = one(world.crm, write)
    assert (receipt.outcome, receipt.duplicates) == (
        Outcome.DUPLICATE,
        (Duplicate(kind=CONTACT, id=known, rule="Same birthday"),),
    )
    assert one(world.crm, checked(contact("Colin", birthday="1990-01-01"))).outcome is Outcome.DONE
