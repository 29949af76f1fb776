"""Is a mailbox of an Exchange server followed, whatever people do in it?"""

from __future__ import annotations

import base64
import json
import zlib

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import integers, sampled_from

from carnet.mailboxes.ews import EwsMailbox as Adapter
from carnet.model.contact import Record
from carnet.testing.emulators.ews import EwsEmulator
from carnet.testing.emulators.ews_mailbox import SEARCH_KEY, EwsMailbox
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.live_suite import read_all
from gates import ews_gate
from gates.fixtures import one_exchange
from mailboxes.exchange import Outlook, clients, exchange_of, of_name


def test_copies_are_two_records_and_each_keeps_its_id(ews: EwsEmulator, opened: Adapter, hands: Outlook) -> None:
    first = of_name(opened, "Renard")
    ews.mine.copy(hands.item(first.id), ews.mine.default)
    records, laters = read_all(opened)
    twins = {record.id for record in records.values() if record.contact.get("surname") == "Renard"}
    assert len(twins) == 2
    assert first.id in twins
    assert not opened.changes(laters)
    assert set(read_all(opened)[0]) == set(records)


def test_what_changes_while_a_folder_is_read_is_neither_lost_nor_doubled(
    ews: EwsEmulator, opened: Adapter, hands: Outlook
) -> None:
    ews.largest_page = 2
    ids = [f"s:{base64.b64decode(item.search_key).hex()}" for item in ews.mine.within(ews.mine.default)]
    pages = opened.read(ews.mine.default)
    first = next(pages)
    hands.rename(ids[0], "Renommé")
    hands.delete(ids[1])
    hands.add("Nouveau")
    found = {record.id: record.contact.get("surname") for record in first.records}
    for page in pages:
        for gone in page.gone:
            found.pop(gone)
        found |= {record.id: record.contact.get("surname") for record in page.records}
    assert sorted(found.values()) == ["Lefèvre", "Nouveau", "Renommé"]


def test_a_cursor_goes_on_in_another_process(ews: EwsEmulator, opened: Adapter, hands: Outlook) -> None:
    records, laters = read_all(opened)
    moved, deleted = sorted(record.id for record in records.values() if record.folder == ews.mine.default)[:2]
    hands.move(moved)
    hands.delete(deleted)
    other = exchange_of(ews)
    changes = other.changes(laters)
    other.close()
    assert (changes.gone, [record.id for record in changes.records]) == ((deleted,), [moved])


def test_a_cursor_holds_no_personal_datum(opened: Adapter) -> None:
    _, laters = read_all(opened)
    for cursor in laters.values():
        said = json.loads(zlib.decompress(base64.b64decode(cursor)))
        assert set(said) == {"f", "s", "r"}
        assert "Durand" not in str(said)


def test_an_idle_look_costs_one_request_a_folder(ews: EwsEmulator, opened: Adapter) -> None:
    _, laters = read_all(opened)
    before = ews.requests
    assert not opened.changes(laters)
    assert ews.requests - before == len(laters)


def test_a_flag_that_somebody_read_it_is_no_change(ews: EwsEmulator, opened: Adapter, hands: Outlook) -> None:
    records, laters = read_all(opened)
    ews.mine.read(hands.item(min(records)))
    assert not opened.changes(laters)


def test_a_folder_that_was_deleted_is_told_as_one_to_be_read_again(ews: EwsEmulator, opened: Adapter) -> None:
    _, laters = read_all(opened)
    gone = clients(ews.mine)
    ews.mine.delete_folder(gone)
    assert opened.changes(laters).expired == frozenset({gone})


class Mirror(RuleBasedStateMachine):
    """A mirror kept by changes alone is the mailbox, whatever people do in it."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = EwsEmulator(one_exchange(), largest_page=2)
        self.emulator.watch(ews_gate.check)
        self.emulator.start()
        self.hands = Outlook(self.emulator.mine)
        self.adapter = exchange_of(self.emulator)
        self.mirror, self.laters = read_all(self.adapter)

    def teardown(self) -> None:
        self.adapter.close()
        self.emulator.stop()
        assert not self.emulator.violations

    @rule(number=integers(0, 9), private=sampled_from([False, False, True]))
    def add(self, number: int, private: bool) -> None:
        self.hands.add(f"Nom {number}", private=private)

    @rule(number=integers(0, 99), what=sampled_from(["rename", "hide", "move", "delete"]))
    def change(self, number: int, what: str) -> None:
        records = sorted(self.mirror)
        if records:
            record = records[number % len(records)]
            getattr(self.hands, what)(*((record, f"Autre {number}") if what == "rename" else (record,)))
            self.look()

    @rule()
    def forget(self) -> None:
        self.hands.expire()

    @rule()
    def begin_anew(self) -> None:
        """Another process goes on from the cursors."""
        self.adapter.close()
        self.adapter = exchange_of(self.emulator)

    @rule(trouble=sampled_from([Trouble.HANG_UP, Trouble.HANG_UP_AFTER]))
    def stumble(self, trouble: Trouble) -> None:
        self.emulator.faults.add(Fault(trouble=trouble))

    @invariant()
    def look(self) -> None:
        changes = self.adapter.changes(self.laters)
        if changes.expired:
            self.mirror, self.laters = read_all(self.adapter)
        else:
            for gone in changes.gone:
                self.mirror.pop(gone, None)
            self.mirror |= {record.id: record for record in changes.records}
            self.laters = dict(changes.cursors)
        assert _said(self.mirror) == _truth(self.emulator.mine)


def _said(records: dict[str, Record]) -> dict[str, tuple[str, str]]:
    return {key: (record.folder, record.contact.get("surname")) for key, record in records.items()}


def _truth(mailbox: EwsMailbox) -> dict[str, tuple[str, str]]:
    shown = [item for item in mailbox.items.values() if item.kind == "Contact" and "item:Sensitivity" not in item.values]
    return {
        f"s:{base64.b64decode(item.extended[SEARCH_KEY]).hex()}": (item.folder, str(item.values.get("contacts:Surname", "")))
        for item in shown
    }


TestMirror = Mirror.TestCase
TestMirror.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
