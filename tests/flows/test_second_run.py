"""Next month's export: another file of the same mailbox, in another order, with something changed (M02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carnet.bootstrap import open_file
from carnet.flows.apply import apply
from carnet.flows.group import group
from carnet.flows.mailbox import NEW, belong, gone_names, is_settled, last_choices, proposals, remember_if_nothing_to_do, take
from carnet.flows.plan import Planned, plan
from carnet.flows.read import digest, read
from carnet.flows.returning import what_is_new
from carnet.flows.undo import plan_undo
from carnet.model.choices import Choices
from carnet.model.known import Since
from carnet.model.plan import Action
from carnet.model.reading import Reading
from carnet.ports.mailbox import OpenOptions
from carnet.ports.store import Scope
from carnet.testing.pst.values import Type
from carnet.testing.pst_writer import Card, PstWriter
from flows.rehearsal import ME, Rehearsal

Person = Mapping[str, str]

ADA: Person = {"given_name": "Ada", "surname": "Lovelace", "company": "Contoso", "email1": "ada@contoso.com"}
ALAN: Person = {"given_name": "Alan", "surname": "Turing", "company": "Fabrikam", "email1": "alan@fabrikam.com"}
GRACE: Person = {"given_name": "Grace", "surname": "Hopper", "company": "Contoso", "mobile_phone": "+33 6 39 98 80 02"}
JEAN: Person = {"given_name": "Jean", "surname": "Martin", "company": "Contoso", "email1": "jean@contoso.com"}
NAMESAKE: Person = {"given_name": "Jean", "surname": "Martin", "company": "Fabrikam", "email1": "jean@fabrikam.com"}
FIRST = (ADA, ALAN, GRACE, JEAN, NAMESAKE)
EDITS = (
    {"mobile_phone": "+33 6 39 98 80 55"},
    {"email1": "ada.lovelace@contoso.com"},
    {"surname": "King"},
)


def write_vcards(path: Path, people: Sequence[Person]) -> Path:
    cards = []
    for each in people:
        lines = [f"N:{each['surname']};{each['given_name']};;;", f"FN:{each['given_name']} {each['surname']}"]
        lines += [f"ORG:{each['company']}"] if "company" in each else []
        lines += [f"EMAIL:{each['email1']}"] if "email1" in each else []
        lines += [f"TEL;TYPE=CELL:{each['mobile_phone']}"] if "mobile_phone" in each else []
        cards.append("\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]))
    path.write_text("".join(cards), encoding="utf-8", newline="")
    return path


def write_table(path: Path, people: Sequence[Person]) -> Path:
    keys = ("given_name", "surname", "company", "email1", "mobile_phone")
    rows = ["First Name,Last Name,Company,E-mail Address,Mobile Phone"]
    rows += [",".join(each.get(key, "") for key in keys) for each in people]
    path.write_text("\r\n".join([*rows, ""]), encoding="utf-8", newline="")
    return path


def write_pst(path: Path, people: Sequence[Person]) -> Path:
    """Another store each time, with other node ids; a person's search key is made of the company, so that some are copies."""
    with PstWriter(path, seed=path.stem) as writer:
        folder = writer.folder("Contacts")
        writer.name_default(folder)
        for each in people:
            key = f"{each['given_name']:_<16}".encode()
            writer.contact(folder, Card(values=each, search_key=False, raw={0x300B: (Type.BINARY, key)}))
    return path


WRITERS = {"pst": write_pst, "vcf": write_vcards, "csv": write_table}


def read_file(carnet: Rehearsal, path: Path) -> Reading:
    mailbox = open_file(path, OpenOptions(region="FR"), path.name)
    try:
        return read(carnet.world, mailbox, user=ME.id, source=str(path), digest=digest(path))
    finally:
        mailbox.close()


def plan_file(carnet: Rehearsal, path: Path, choices: Choices | None = None) -> Planned:
    reading = take(carnet.world, read_file(carnet, path))
    return plan(carnet.world, user=ME.id, reading=reading.id, choices=choices or Choices())


def run(carnet: Rehearsal, planned: Planned) -> None:
    apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def links(carnet: Rehearsal, planned: Planned) -> dict[str, str]:
    scope = Scope(user=ME.id, mailbox=planned.run.mailbox, crm=planned.run.crm)
    return {link.record: link.target for link in carnet.world.store.links.all(scope)}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("edit", EDITS, ids=["phone", "e-mail", "name"])
def test_m02_a_new_export_in_another_order_with_one_contact_changed_adds_nobody(
    carnet: Rehearsal, tmp_path: Path, *, kind: str, edit: Person
) -> None:
    write = WRITERS[kind]
    first = plan_file(carnet, write(tmp_path / f"march.{kind}", FIRST))
    assert first.plan.count(Action.CREATE) == len(FIRST)
    run(carnet, first)
    before = carnet.state()
    targets = sorted(links(carnet, first).values())

    changed = [{**ADA, **edit}, *FIRST[1:]]
    again = plan_file(carnet, write(tmp_path / f"april.{kind}", changed[::-1]))

    assert again.run.mailbox == first.run.mailbox
    assert again.plan.count(Action.SKIP) == len(FIRST)
    reading = again.run.reading
    found = what_is_new(carnet.world, user=ME.id, reading=reading)
    assert found is not None
    assert (len(found[1].new), len(found[1].changed), found[1].gone) == (0, 1, ())

    run(carnet, again)
    now = links(carnet, again)
    assert sorted(now.values()) == targets
    assert set(now) == {record.id for record in carnet.world.store.readings.records(reading)}
    assert carnet.state() == before

    third = plan_file(carnet, write(tmp_path / f"may.{kind}", changed))
    run(carnet, third)
    assert third.plan.count(Action.SKIP) == len(FIRST)
    assert sorted(links(carnet, third).values()) == targets
    assert carnet.state() == before


@pytest.mark.parametrize("kind", WRITERS)
def test_namesakes_keep_their_own_crm_contacts(carnet: Rehearsal, tmp_path: Path, kind: str) -> None:
    write = WRITERS[kind]
    first = plan_file(carnet, write(tmp_path / f"march.{kind}", [JEAN, NAMESAKE]))
    run(carnet, first)
    both = [{**NAMESAKE, "mobile_phone": "+33 6 39 98 80 01"}, {**JEAN, "mobile_phone": "+33 6 39 98 80 02"}]
    again = plan_file(carnet, write(tmp_path / f"april.{kind}", both))
    run(carnet, again)
    mails = {link: target.values["email1"] for link, target in by_link(carnet, again).items()}
    cards = {record.id: record.contact.get("email1") for record in carnet.world.store.readings.records(again.run.reading)}
    assert mails == cards


def by_link(carnet: Rehearsal, planned: Planned) -> dict[str, Any]:
    people = {each.id: each for each in carnet.contacts()}
    return {record: people[target] for record, target in links(carnet, planned).items()}


def test_an_undo_of_the_first_run_takes_back_what_goes_by_another_id_now(carnet: Rehearsal, tmp_path: Path) -> None:
    first = plan_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST))
    run(carnet, first)
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "april.vcf", [{**ADA, **EDITS[0]}, *FIRST[1:]])))

    undo = plan_undo(carnet.world, user=ME.id, number=first.run.number).run
    assert undo is not None
    apply(carnet.world, user=ME.id, number=undo.number, fingerprint=undo.fingerprint)

    assert carnet.contacts() == []
    assert links(carnet, first) == {}


def test_who_is_gone_from_the_file_stays_in_the_crm_and_is_named(carnet: Rehearsal, tmp_path: Path) -> None:
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST)))
    again = plan_file(carnet, write_vcards(tmp_path / "april.vcf", FIRST[1:]))
    changes = since(carnet, again)
    reading = carnet.world.store.readings.get(ME.id, again.run.reading)
    assert gone_names(carnet.world, reading, changes.gone) == ["Ada Lovelace"]
    run(carnet, again)
    assert len(carnet.contacts()) == len(FIRST)
    assert len(links(carnet, again)) == len(FIRST)


def since(carnet: Rehearsal, planned: Planned) -> Since:
    found = what_is_new(carnet.world, user=ME.id, reading=planned.run.reading)
    assert found is not None
    return found[1]


def test_only_new_limits_groups_and_plan_and_the_run_still_adds_up(carnet: Rehearsal, tmp_path: Path) -> None:
    out = Choices(excluded_groups=frozenset({"company:fabrikam"}))
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST[:-1]), out))
    lea = {"given_name": "Léa", "surname": "Petit", "company": "Contoso"}
    again = plan_file(carnet, write_vcards(tmp_path / "april.vcf", [lea, *FIRST[:-1]]), Choices(only_new=True))
    assert again.plan.count(Action.CREATE) == 1
    assert len(again.plan.entries) == again.run.read == len(FIRST)
    grouping = group(carnet.world, user=ME.id, reading=again.run.reading, choices=Choices(only_new=True))
    assert [(each.title, each.coverage.total) for each in grouping.groups] == [("Contoso", 1)]
    assert grouping.contacts == 1


def test_a_run_with_nothing_to_do_is_remembered_too(carnet: Rehearsal, tmp_path: Path) -> None:
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST)))
    again = plan_file(carnet, write_vcards(tmp_path / "april.vcf", FIRST[1:]))
    assert len(since(carnet, again).gone) == 1
    remember_if_nothing_to_do(carnet.world, again.run)
    assert since(carnet, again).gone == ()


def test_the_first_file_raises_no_question_and_a_cancelled_one_leaves_none(carnet: Rehearsal, tmp_path: Path) -> None:
    assert is_settled(carnet.world, read_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST)))
    assert is_settled(carnet.world, read_file(carnet, write_table(tmp_path / "march.csv", FIRST)))


def test_a_file_not_known_yet_is_proposed_where_most_is_known_and_the_answer_lasts(carnet: Rehearsal, tmp_path: Path) -> None:
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "mine.vcf", FIRST)))
    strangers = [{**each, "surname": f"{each['surname']}x", "email1": f"{n}@else.example"} for n, each in enumerate(FIRST)]
    table = write_table(tmp_path / "others.csv", strangers)
    reading = read_file(carnet, table)
    assert not is_settled(carnet.world, reading)
    assert [(each.known, each.total, each.strong) for each in proposals(carnet.world, reading)] == [(0, 5, False)]
    assert take(carnet.world, reading).identity.key == "csv"

    april = read_file(carnet, write_vcards(tmp_path / "april.vcf", [{**ADA, **EDITS[1]}, *FIRST[1:], strangers[0]]))
    (best,) = proposals(carnet.world, april)
    assert (best.known, best.total, best.strong) == (5, 6, True)
    settled = belong(carnet.world, april, best.mailbox.key)
    run(carnet, plan(carnet.world, user=ME.id, reading=settled.id, choices=Choices()))

    moved = (tmp_path / "april.vcf").rename(tmp_path / "elsewhere.vcf")
    again = read_file(carnet, moved)
    assert is_settled(carnet.world, again)
    assert carnet.world.store.readings.get(ME.id, again.id).identity.key == "vcard"


def test_another_mailbox_of_the_same_kind_has_a_key_of_its_own(carnet: Rehearsal, tmp_path: Path) -> None:
    run(carnet, plan_file(carnet, write_vcards(tmp_path / "mine.vcf", [ADA])))
    other = belong(carnet.world, read_file(carnet, write_vcards(tmp_path / "theirs.vcf", [ALAN])), NEW)
    assert other.identity.key.startswith("vcard:")
    run(carnet, plan(carnet.world, user=ME.id, reading=other.id, choices=Choices()))
    assert [each.label for each in carnet.world.store.mailboxes.all(ME.id)] == ["theirs.vcf", "mine.vcf"]


def test_a_database_of_before_knows_its_mailboxes_by_their_links(carnet: Rehearsal, tmp_path: Path) -> None:
    before = plan_file(carnet, write_vcards(tmp_path / "mine.vcf", FIRST))
    scope = Scope(user=ME.id, mailbox="vcard", crm=carnet.world.crm.key)
    run(carnet, before)
    made = [replace(link, keys=link.keys[:1]) for link in carnet.world.store.links.all(scope)]
    other = replace(scope, mailbox="pst:old")
    carnet.world.store.links.save(other, made)
    found = proposals(carnet.world, read_file(carnet, write_vcards(tmp_path / "april.vcf", [*FIRST[::-1]])))
    assert {each.mailbox.key: each.known for each in found} == {"vcard": 5, "pst:old": 5}


def test_the_choices_of_the_last_run_open_the_next_without_what_was_typed(carnet: Rehearsal, tmp_path: Path) -> None:
    reading = take(carnet.world, read_file(carnet, write_vcards(tmp_path / "march.vcf", FIRST)))
    ada = next(each for each in carnet.world.store.readings.records(reading.id) if each.contact.get("given_name") == "Ada")
    chosen = Choices(
        excluded_groups=frozenset({"company:fabrikam"}), excluded_records=frozenset({ada.id}), edits={ada.id: {"surname": "X"}}
    )
    run(carnet, plan(carnet.world, user=ME.id, reading=reading.id, choices=chosen))
    again = take(carnet.world, read_file(carnet, write_vcards(tmp_path / "april.vcf", [*FIRST[1:], {**ADA, **EDITS[0]}])))
    opened = last_choices(carnet.world, again, Choices())
    now = next(each for each in carnet.world.store.readings.records(again.id) if each.contact.get("given_name") == "Ada")
    assert now.id != ada.id
    assert opened == Choices(excluded_groups=frozenset({"company:fabrikam"}), excluded_records=frozenset({now.id}))
