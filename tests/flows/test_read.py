"""What a mailbox offers is read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.errors import Unavailable
from carnet.flows.group import group
from carnet.flows.read import read
from carnet.mailboxes import pst
from carnet.mailboxes.memory import DELEGATE_FOLDER, MemoryMailbox
from carnet.model.choices import Choices
from carnet.model.group import Mode
from carnet.model.reading import Page
from carnet.ports.mailbox import OpenOptions
from carnet.ports.store import Scope
from carnet.testing.demo_mailbox import write_demo
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com")


def test_w03_the_default_contacts_folder_is_found_without_asking(carnet: Rehearsal, tmp_path: Path) -> None:
    write_demo(tmp_path / "sample.pst")
    mailbox = pst.open_mailbox(tmp_path / "sample.pst", OpenOptions())
    reading = read(carnet.world, mailbox, user=ME.id, source="sample", digest="")
    mailbox.close()
    assert [folder.name for folder in reading.folders if folder.is_default] == ["Contacts"]
    assert reading.folders[0].is_default


def test_w06_contacts_of_a_delegates_folder_are_never_offered(carnet: Rehearsal) -> None:
    theirs = card("Their Contact", folder=DELEGATE_FOLDER.id, email1="their@contoso.com")
    reading = carnet.read([ADA, theirs])
    assert [folder.reason for folder in reading.folders] == ["", "delegate"]

    asked = read(carnet.world, MemoryMailbox([ADA, theirs]), user=ME.id, source="m", digest="", folders=[DELEGATE_FOLDER.id])

    for each, names in ((reading, ["Ada Lovelace"]), (asked, [])):
        found = group(carnet.world, user=ME.id, reading=each.id, choices=Choices())
        grouped = [record for some in found.groups for record in some.records]
        records = carnet.world.store.readings.records(each.id, ids=grouped)
        assert [record.contact.get("full_name") for record in records] == names


def test_w23_a_rerun_after_correcting_company_names_shows_the_corrected_groups(carnet: Rehearsal) -> None:
    variant = card("Bob Martin", uid="bob", company="Contoso Ltd", email1="bob@contoso.com")
    before = carnet.read([ADA, variant])
    corrected = card("Bob Martin", uid="bob", company="Contoso", email1="bob@contoso.com")
    after = carnet.read([ADA, corrected])

    def titles(reading: str) -> list[str]:
        return [
            each.title for each in group(carnet.world, user=ME.id, reading=reading, choices=Choices(mode=Mode.COMPANY)).groups
        ]

    assert titles(before.id) == ["Contoso", "Contoso Ltd"]
    assert titles(after.id) == ["Contoso"]


def test_w28_tracking_communications_is_kept_with_the_link_and_touches_nothing_older(carnet: Rehearsal) -> None:
    carnet.add([ADA], Choices(communications=True))
    (link,) = carnet.world.store.links.all(Scope(user=ME.id, mailbox="memory", crm=carnet.world.crm.key))
    (made,) = carnet.contacts()
    assert link.communications
    assert link.run
    assert not carnet.world.crm.dependents(made.kind, [made.id])


def test_a_reading_that_broke_off_goes_on_behind_its_last_page(carnet: Rehearsal) -> None:
    people = [card(f"Person N{place}", email1=f"p{place}@example.com") for place in range(25)]
    mailbox = MemoryMailbox(people, page_size=10)
    folders = mailbox.folders()
    taken: list[Page] = []

    class BreaksOff(MemoryMailbox):
        def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
            for page in mailbox.read(folder, cursor):
                if taken:
                    raise Unavailable("The mailbox does not answer.")
                taken.append(page)
                yield page

    with pytest.raises(Unavailable):
        read(carnet.world, BreaksOff(people, folders=folders), user=ME.id, source="m", digest="")
    again = read(carnet.world, mailbox, user=ME.id, source="m", digest="", reading="token-1")

    assert again.records == 25
    assert len({record.id for record in carnet.world.store.readings.records(again.id)}) == 25
