"""Is what is written to an Exchange server what is read from it?"""

from __future__ import annotations

import pytest

from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.mailboxes.ews.translate import PATHS
from carnet.model.card import CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.field import BY_KEY, FIELDS, Shape
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.live_suite import read_all
from gates.fixtures import watched_ews
from mailboxes.exchange import Outlook, exchange_of, of_name


def test_every_field_is_written_and_read_again(opened: Adapter) -> None:
    samples = {Shape.EMAIL: "x@contoso.com", Shape.DATE: "1980-02-29", Shape.LINES: "a\nb", Shape.URL: "contoso.com"}
    values: dict[str, str | None] = {key: samples.get(BY_KEY[key].shape, f"v {key}") for key in PATHS}
    made = CardWrite(operation=Operation.CREATE, key="all", values=values)
    (receipt,) = opened.write([made])
    record = read_all(opened)[0][receipt.id]
    assert {key: record.contact.get(key) for key in values} == values
    cleared = CardWrite(operation=Operation.UPDATE, id=record.id, expects=receipt.version, values=dict.fromkeys(values))
    (receipt,) = opened.write([cleared])
    assert receipt.outcome is Outcome.DONE


def test_every_field_that_outlook_has_has_a_path() -> None:
    assert [field.key for field in FIELDS if field.key not in PATHS] == []
    assert len(set(PATHS.values())) == len(PATHS)


@pytest.mark.parametrize(
    ("stored", "local", "day"),
    [
        ("1981-02-28T11:59:00Z", "", "1981-02-28"),
        ("1981-02-27T23:00:00Z", "", "1981-02-28"),
        ("1981-02-28T05:00:00Z", "", "1981-02-28"),
        ("1981-02-27T23:00:00Z", "1981-02-28T00:00:00Z", "1981-02-28"),
        ("1604-02-28T11:59:00Z", "", "--02-28"),
        ("4501-01-01T00:00:00Z", "", ""),
    ],
)
def test_a_birthday_is_a_day_wherever_it_was_midnight(stored: str, local: str, day: str) -> None:
    mailbox = EwsMailbox("camille")
    extended = {"SystemTime {00062004-0000-0000-c000-000000000046} Id 0x80de": local} if local else {}
    mailbox.add({"contacts:Surname": "Née", "contacts:Birthday": stored}, extended=extended)
    with watched_ews(EwsEmulator(mailbox)) as emulator:
        adapter = exchange_of(emulator)
        assert of_name(adapter, "Née").contact.get("birthday") == day
        adapter.close()


def test_an_address_that_nobody_can_send_to_is_kept_apart_and_reported(ews: EwsEmulator, opened: Adapter) -> None:
    ews.mine.add({"contacts:Surname": "Interne", "contacts:EmailAddress/EmailAddress1": "/o=Contoso/cn=interne"})
    page = next(iter(opened.read(ews.mine.default)))
    record = next(record for record in page.records if record.contact.get("surname") == "Interne")
    assert (record.contact.get("email1"), record.contact.unresolved) == ("", ("/o=Contoso/cn=interne",))
    assert [repair.place for repair in page.repairs] == [record.place]


def test_the_name_shown_follows_the_parts_unless_somebody_chose_it(ews: EwsEmulator, opened: Adapter) -> None:
    shown = of_name(opened, "Durand")
    chosen = ews.mine.add({"contacts:GivenName": "Ida", "contacts:Surname": "Roy", "contacts:DisplayName": "La cheffe"})
    other = of_name(opened, "Roy")
    writes = [
        CardWrite(operation=Operation.UPDATE, id=each.id, expects=each.version, values={"surname": "Petit"})
        for each in (shown, other)
    ]
    assert [receipt.outcome for receipt in opened.write(writes)] == [Outcome.DONE, Outcome.DONE]
    names = {record.contact.get("full_name") for record in read_all(opened)[0].values()}
    assert {"Zoé Petit", "La cheffe"} <= names
    assert ews.mine.items[chosen].values["contacts:Surname"] == "Petit"


@pytest.mark.parametrize("by", ["who has read it", "another process"])
def test_a_contact_that_was_moved_is_found_and_deleted_into_the_deleted_items(
    ews: EwsEmulator, opened: Adapter, hands: Outlook, *, by: str
) -> None:
    record = of_name(opened, "Durand")
    hands.move(record.id)
    writer = opened if by == "who has read it" else exchange_of(ews)
    stale = CardWrite(operation=Operation.DELETE, id=record.id, expects=record.version)
    unguarded = CardWrite(operation=Operation.DELETE, id=record.id)
    outcomes = [writer.write([each])[0].outcome for each in (stale, unguarded, unguarded)]
    writer.close()
    assert outcomes == [Outcome.STALE, Outcome.DONE, Outcome.ALREADY]
    assert ews.mine.items[hands.item(record.id)].folder == ews.mine.deleted
