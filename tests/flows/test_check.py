"""Is a reading looked through with what the CRM has, without changing anything?"""

from __future__ import annotations

import pytest

from carnet.core.identity import content_key
from carnet.errors import NotFound
from carnet.flows.check import are_counted, check, count_findings
from carnet.flows.read import read
from carnet.flows.variants import accept, propose
from carnet.mailboxes.memory import DEFAULT_FOLDER, MemoryMailbox
from carnet.model.finding import FindingKind
from carnet.model.folder import Folder
from carnet.model.reading import Reading
from carnet.model.rule import Rule, RuleKind
from flows.rehearsal import COLLEAGUE, ME, Rehearsal, card

CARDS = [
    card("", email1="nobody@contoso.com"),
    card("Ann Roy", company="Contoso", email1="ann@contoso.com"),
    card("Lou Petit", company="Fabrikam", folder="others"),
]

OTHERS = Folder(id="others", name="Others", path=("Others",), count=0)


def read_both(carnet: Rehearsal) -> Reading:
    box = MemoryMailbox(CARDS, folders=(DEFAULT_FOLDER, OTHERS))
    return read(carnet.world, box, user=ME.id, source="memory", digest="")


def test_companies_are_looked_up_in_the_crm(carnet: Rehearsal) -> None:
    carnet.account("contoso")
    reading = read_both(carnet)
    found = check(carnet.world, user=ME.id, reading=reading.id)
    assert [(each.kind, each.title, each.about) for each in found] == [
        (FindingKind.NO_NAME, "nobody@contoso.com", ""),
        (FindingKind.UNREACHABLE, "Lou Petit", ""),
        (FindingKind.NO_ACCOUNT, "Lou Petit", "Fabrikam"),
    ]


def test_only_the_ticked_folders_are_looked_through(carnet: Rehearsal) -> None:
    reading = read_both(carnet)
    others = frozenset({"others"})
    assert count_findings(carnet.world, user=ME.id, reading=reading.id, folders=others) == {"unreachable": 1, "no_account": 1}
    assert count_findings(carnet.world, user=ME.id, reading=reading.id) == {"no_name": 1, "unreachable": 1, "no_account": 2}


def test_what_was_found_holds_until_the_crm_moves(carnet: Rehearsal) -> None:
    reading = read_both(carnet)
    assert not are_counted(carnet.world, user=ME.id, reading=reading.id)
    before = count_findings(carnet.world, user=ME.id, reading=reading.id)
    assert are_counted(carnet.world, user=ME.id, reading=reading.id)
    assert count_findings(carnet.world, user=ME.id, reading=reading.id) == before

    carnet.account("Fabrikam")
    assert not are_counted(carnet.world, user=ME.id, reading=reading.id)
    assert count_findings(carnet.world, user=ME.id, reading=reading.id)["no_account"] == 1


def test_looking_through_changes_neither_the_reading_nor_the_crm(carnet: Rehearsal) -> None:
    carnet.account("Contoso")
    reading = read_both(carnet)
    records, state = carnet.world.store.readings.records(reading.id), carnet.state()
    check(carnet.world, user=ME.id, reading=reading.id)
    assert carnet.world.store.readings.records(reading.id) == records
    assert carnet.state() == state
    assert carnet.world.store.runs.all(ME.id) == ()


def test_somebody_elses_reading_is_not_looked_through(carnet: Rehearsal) -> None:
    reading = read_both(carnet)
    with pytest.raises(NotFound):
        check(carnet.world, user=COLLEAGUE.id, reading=reading.id)


def test_one_person_on_several_cards_is_counted_once_namesakes_apart(carnet: Rehearsal) -> None:
    cards = [
        card("Ann Roy", uid="1", email1="ann@contoso.com", mobile_phone="+33 6 39 98 12 34"),
        card("Ann Roy", uid="2", email1="ann@contoso.com", job_title="Chef"),
        card("Ann Roy", uid="3", email1="ann.roy@fabrikam.com", company="Fabrikam"),
        card("Ann Roy", uid="4", email1="ann.roy@fabrikam.com", company="Fabrikam", mobile_phone="+33 6 39 98 56 78"),
    ]
    reading = carnet.read(cards)
    assert count_findings(carnet.world, user=ME.id, reading=reading.id)["twins"] == 2
    found = [each for each in check(carnet.world, user=ME.id, reading=reading.id) if each.kind is FindingKind.TWINS]
    assert [(each.about, each.fields.get("email1")) for each in found] == [
        ("Ann Roy", "ann@contoso.com"),
        ("Ann Roy", "ann@contoso.com"),
        ("Ann Roy", "ann.roy@fabrikam.com"),
        ("Ann Roy", "ann.roy@fabrikam.com"),
    ]
    first, second = carnet.world.store.readings.records(reading.id)[:2]
    apart = (f"card:{content_key(first.contact)}", f"card:{content_key(second.contact)}")
    carnet.world.store.rules.save(ME.id, Rule(id="apart", kind=RuleKind.NOT_SAME, members=apart))
    assert count_findings(carnet.world, user=ME.id, reading=reading.id)["twins"] == 1


def test_a_company_in_several_spellings_is_counted_once_and_opens_its_cards(carnet: Rehearsal) -> None:
    cards = [
        card("Ann Roy", company="Contoso SARL", email1="ann@contoso.com"),
        card("Eva Lind", company="Contoso", email1="eva@contoso.com"),
        card("Lou Petit", company="Fabrikam", email1="lou@fabrikam.com"),
    ]
    reading = carnet.read(cards)
    found = [each for each in check(carnet.world, user=ME.id, reading=reading.id) if each.kind is FindingKind.VARIANTS]
    assert {each.fields["company"] for each in found} == {"Contoso SARL", "Contoso"}
    assert count_findings(carnet.world, user=ME.id, reading=reading.id)["variants"] == 1
    (variant,) = propose(carnet.world, user=ME.id, reading=reading.id)
    accept(carnet.world, user=ME.id, variant=variant)
    assert "variants" not in count_findings(carnet.world, user=ME.id, reading=reading.id)
