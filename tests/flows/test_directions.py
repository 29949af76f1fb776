"""Does a run write only what the administrator's directions let through to the CRM?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.core.mapping import to_crm
from carnet.errors import BadSettings, NotAllowed
from carnet.flows.apply import apply
from carnet.flows.plan import answer
from carnet.model.choices import Choices, Preset
from carnet.model.contact import Contact, Record
from carnet.model.direction import FIELDS_OF_ROW, ONLY_WITH_THREE, SETTABLE, Addresses, Direction, kept_from_crm
from carnet.model.field import FIELDS, MAILING, ROWS, Merge, Shape
from carnet.model.plan import Action
from carnet.model.policy import Policy
from carnet.ports.store import Scope
from carnet.settings import POLICY_FILE, read_policy
from flows.rehearsal import ME, Rehearsal, card

SAMPLES = {Shape.DATE: "1980-04-05", Shape.PHONE: "+33 1 99 00 {place:02} 11", Shape.EMAIL: "a{place}@contoso.com"}
WHOLE = {
    field.key: SAMPLES.get(field.shape, "Renard {place}").format(place=place)
    for place, field in enumerate(FIELDS)
    if field.merge is not Merge.NEVER
}


def under(carnet: Rehearsal, policy: Policy) -> Rehearsal:
    carnet.world = replace(carnet.world, policy=policy)
    return carnet


def laid_down(folder: Path, text: str) -> Policy:
    (folder / POLICY_FILE).write_text(text, encoding="utf-8")
    return read_policy(folder)


def test_f01_thirty_four_rows_go_both_ways_unless_something_else_is_laid_down() -> None:
    assert len(FIELDS_OF_ROW) == len(ROWS) == 34
    assert {Policy().direction(row) for row in FIELDS_OF_ROW} == {Direction.BOTH}
    assert sorted(field.key for fields in FIELDS_OF_ROW.values() for field in fields) == sorted(field.key for field in FIELDS)


@pytest.mark.parametrize("row", ["full_name", "company"])
def test_f02_the_directions_of_full_name_and_parent_cannot_be_changed(row: str, tmp_path: Path) -> None:
    assert row not in SETTABLE
    with pytest.raises(BadSettings, match=rf"line 2: {row} always goes both ways"):
        laid_down(tmp_path, f'[directions]\n{row} = "none"\n')


@pytest.mark.parametrize("direction", Direction)
def test_f03_each_of_the_other_rows_takes_four_directions(direction: Direction, tmp_path: Path) -> None:
    assert len(SETTABLE) == 32
    policy = laid_down(tmp_path, "[directions]\n" + "".join(f'{row} = "{direction}"\n' for row in SETTABLE))
    assert {policy.direction(row) for row in SETTABLE} == {direction}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[directions]\n\nhat_size = "none"\n', "line 3: hat_size is no field with a direction"),
        ('[directions]\nnotes = "sideways"\n', "line 2: notes cannot have this value"),
        ("[directions]\nnotes = true\n", "line 2: notes cannot have this value"),
        ('directions = "none"\n', "line 1: directions cannot have this value"),
        ('addresses = "two"\n', "line 1: addresses cannot have this value"),
    ],
)
def test_a_direction_that_cannot_be_is_refused_with_its_line(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=why):
        laid_down(tmp_path, text)


@pytest.mark.parametrize("row", SETTABLE)
@pytest.mark.parametrize("direction", Direction)
def test_a_row_reaches_the_crm_in_two_directions_of_four(row: str, direction: Direction) -> None:
    kept = kept_from_crm({row: direction}, Addresses.THREE)
    written = to_crm(Contact(values=WHOLE), without=kept).values.keys()
    expected = set() if direction in {Direction.BOTH, Direction.TO_CRM} else {field.key for field in FIELDS_OF_ROW[row]}
    assert WHOLE.keys() - written == expected


@given(st.dictionaries(st.sampled_from(SETTABLE), st.sampled_from(Direction)), st.sampled_from(Addresses))
def test_what_is_written_is_exactly_what_is_let_through(directions: dict[str, Direction], addresses: Addresses) -> None:
    policy = Policy(directions=directions, addresses=addresses)
    mapped = to_crm(Contact(values={**WHOLE, "notes": "x" * 3000}), without=policy.withheld)
    assert WHOLE.keys() - mapped.values.keys() - mapped.too_long.keys() == policy.withheld


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.TO_OUTLOOK])
def test_f05_notes_set_to_none_never_leave_outlook(direction: Direction, carnet: Rehearsal) -> None:
    """Neither with a new contact, nor into a blank, nor into what a run or a link keeps."""
    under(carnet, Policy(directions={"notes": direction}))
    carnet.contact("Bo Roy", email1="bo@contoso.com")
    cards = [card("Ann Roy", notes="secret one"), card("Bo Roy", email1="bo@contoso.com", notes="secret " * 600)]
    run = carnet.add(cards)
    assert "secret" not in repr(carnet.contacts())
    assert "secret" not in repr(carnet.world.store.journal.entries(run.number))
    assert "secret" not in repr(carnet.world.store.links.all(Scope(user=ME.id, mailbox=run.mailbox, crm=run.crm)))
    assert "secret one" in repr(carnet.world.store.readings.records(run.reading)), "the card itself has them"


def test_a_field_that_goes_to_outlook_only_is_left_as_the_crm_has_it(carnet: Rehearsal) -> None:
    carnet.contact("Ann Roy", email1="ann@contoso.com", job_title="Theirs")
    under(carnet, Policy(directions={"job_title": Direction.TO_OUTLOOK, "email1": Direction.TO_CRM}))
    run = carnet.add([card("Ann Roy", email1="ann@contoso.com", job_title="Ours", department="Sales")])
    (contact,) = carnet.contacts()
    assert (contact.values["job_title"], contact.values["department"]) == ("Theirs", "Sales")
    (entry,) = carnet.world.store.journal.entries(run.number)
    assert "job_title" not in {**entry.before, **entry.agreed, **entry.values}


def test_an_account_made_of_a_card_keeps_to_the_directions(carnet: Rehearsal) -> None:
    under(carnet, Policy(directions={"web_page": Direction.NONE, "business_phone": Direction.NONE}))
    planned = carnet.plan([card("", company="Fabrikam SARL", business_phone="+33 1", web_page="fabrikam.com", email1="a@b.fr")])
    (question,) = planned.plan.questions
    again = answer(carnet.world, user=ME.id, number=planned.run.number, answers={question.key: "account"})
    apply(carnet.world, user=ME.id, number=again.run.number, fingerprint=again.run.fingerprint)
    (account,) = carnet.accounts()
    assert dict(account.values) == {"name": "Fabrikam SARL", "email1": "a@b.fr"}


@pytest.mark.parametrize(("key", "refused"), [("notes", True), ("department", False)])
def test_a_plan_that_writes_what_the_directions_no_longer_let_through_is_refused(
    key: str, refused: bool, carnet: Rehearsal
) -> None:
    planned = carnet.plan([card("Ann Roy", notes="one", job_title="Chief")])
    under(carnet, Policy(directions={key: Direction.NONE}))

    def applied() -> None:
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)

    if refused:
        with pytest.raises(NotAllowed, match="directions"):
            applied()
    else:
        applied()
    assert bool(carnet.contacts()) is not refused


def test_c05_one_postal_address_is_address_1_and_the_others_stay(carnet: Rehearsal) -> None:
    run = carnet.add([card("Ann Roy", business_city="Lyon", home_city="Nice", other_city="Metz")])
    (contact,) = carnet.contacts()
    assert {key: value for key, value in contact.values.items() if key.endswith("_city")} == {"business_city": "Lyon"}
    assert "Nice" not in repr(carnet.world.store.journal.entries(run.number))
    assert {field.crm for field in FIELDS_OF_ROW["business_address"]} == columns(1)


def test_c06_three_postal_addresses_are_addresses_1_2_and_3(carnet: Rehearsal) -> None:
    under(carnet, Policy(addresses=Addresses.THREE))
    carnet.add([card("Ann Roy", business_city="Lyon", home_city="Nice", other_city="Metz")])
    (contact,) = carnet.contacts()
    assert [contact.values[f"{kind}_city"] for kind in ("business", "home", "other")] == ["Lyon", "Nice", "Metz"]
    rows = ("business_address", *ONLY_WITH_THREE)
    assert [{field.crm for field in FIELDS_OF_ROW[row]} for row in rows] == [columns(1), columns(2), columns(3)]


def test_the_home_address_never_stands_in_for_the_business_one(carnet: Rehearsal) -> None:
    carnet.add([card("Ann Roy", home_city="Nice")])
    assert not any(key.endswith("_city") for key in carnet.contacts()[0].values)


MARKED = {"home": "Nice", "other": "Metz", "business": "Lyon", "": "Lyon"}


@pytest.mark.parametrize("marked", MARKED)
def test_c05_by_rule_the_one_address_is_the_mailing_address_as_outlook_marks_it(marked: str, carnet: Rehearsal) -> None:
    under(carnet, Policy(addresses=Addresses.MAILING))
    carnet.add([of_three(marked)])
    (contact,) = carnet.contacts()
    cities = {key: value for key, value in contact.values.items() if key.endswith(("_city", "_postcode"))}
    assert cities == {"business_city": MARKED[marked], **({"business_postcode": "69001"} if MARKED[marked] == "Lyon" else {})}


@pytest.mark.parametrize(
    ("policy", "choices"),
    [
        (Policy(), Choices(mailing=frozenset({"home_address"}))),
        (Policy(addresses=Addresses.MAILING, fields=Preset.PROFESSIONAL), Choices()),
        (Policy(addresses=Addresses.MAILING), Choices(fields=Preset.PROFESSIONAL)),
        (Policy(addresses=Addresses.MAILING, directions={"home_address": Direction.NONE}), Choices()),
        (Policy(addresses=Addresses.MAILING), Choices(edits={"Ann Roy": {"business_city": "Lyon"}})),
    ],
    ids=["one address", "rule of fields", "preset", "direction", "typed"],
)
def test_a_home_address_that_is_marked_stays_where_anything_keeps_it(policy: Policy, choices: Choices, carnet: Rehearsal) -> None:
    under(carnet, policy)
    given = of_three("home")
    typed = choices.edits.get("Ann Roy")
    carnet.add([given], replace(choices, edits={given.id: typed} if typed else {}))
    (contact,) = carnet.contacts()
    assert contact.values["business_city"] == "Lyon"
    assert "Nice" not in repr(contact)


def test_a_mark_on_an_address_that_is_empty_says_nothing(carnet: Rehearsal) -> None:
    under(carnet, Policy(addresses=Addresses.MAILING))
    given = card("Ann Roy", business_city="Lyon")
    carnet.add([replace(given, contact=replace(given.contact, extras={MAILING: "home"}))])
    assert carnet.contacts()[0].values["business_city"] == "Lyon"


def test_a_plan_that_writes_a_mailing_address_is_refused_once_the_rule_is_gone(carnet: Rehearsal) -> None:
    under(carnet, Policy(addresses=Addresses.MAILING))
    planned = carnet.plan([of_three("home")])
    under(carnet, Policy())
    with pytest.raises(NotAllowed, match="directions"):
        apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def of_three(marked: str) -> Record:
    """A card with three postal addresses, of which that one is marked as the mailing address."""
    cities = {"business_city": "Lyon", "business_postcode": "69001", "home_city": "Nice", "other_city": "Metz"}
    given = card("Ann Roy", **cities)
    return replace(given, contact=replace(given.contact, extras={MAILING: marked} if marked else {}))


def test_f07_the_main_phone_of_the_company_is_a_phone_and_no_company(carnet: Rehearsal) -> None:
    carnet.add([card("Ann Roy", company_phone="+33 1 99 00 11 22")])
    (contact,) = carnet.contacts()
    assert (contact.values["company_phone"], contact.parent) == ("+33 1 99 00 11 22", None)
    assert [field.crm for field in FIELDS_OF_ROW["company_phone"]] == ["company"]


def test_f14_three_addresses_go_in_order_to_the_three_of_the_crm(carnet: Rehearsal) -> None:
    addresses = {f"email{number}": f"ann{number}@contoso.com" for number in (1, 2, 3)}
    carnet.add([card("Ann Roy", **addresses)])
    (contact,) = carnet.contacts()
    assert {key: contact.values[key] for key in addresses} == addresses
    assert [FIELDS_OF_ROW[key][0].crm for key in addresses] == [f"emailaddress{number}" for number in (1, 2, 3)]


def test_nothing_is_withheld_by_a_choice_of_the_person(carnet: Rehearsal) -> None:
    planned = carnet.plan([card("Ann Roy", notes="one")], Choices(withheld=frozenset({"notes"})))
    (entry,) = (each for each in planned.plan.entries if each.action is Action.CREATE)
    assert entry.values["notes"] == "one"


def columns(number: int) -> set[str]:
    parts = ("line1", "city", "stateorprovince", "postalcode", "country", "postofficebox")
    return {f"address{number}_{part}" for part in parts}
