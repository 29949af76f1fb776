"""Does a mailbox on a server keep the promises of `carnet.ports.live`?

For authors of adapters: subclass `LiveMailboxSuite` and give it two pytest fixtures: `mailbox`, which is open, holds at least
three contacts in its default folder and has a second folder, and `hands`, which changes it as a person does in Outlook.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from carnet.model.card import CardReceipt, CardWrite
from carnet.model.change import Operation, Outcome
from carnet.model.contact import Record
from carnet.ports.live import LiveMailbox


class Hands(Protocol):
    """What a person does in Outlook while nobody looks; ids are those of records."""

    def add(self, surname: str, *, private: bool = False) -> None:
        """A new contact in the default folder."""
        ...

    def rename(self, record: str, surname: str) -> None:
        """Another last name."""
        ...

    def hide(self, record: str) -> None:
        """Mark it private."""
        ...

    def move(self, record: str) -> None:
        """Into the second folder."""
        ...

    def delete(self, record: str) -> None:
        """Away with it."""
        ...

    def portray(self, record: str, photo: bytes) -> None:
        """Give it a photo."""
        ...

    def colour(self, category: str, colour: str) -> None:
        """Make a category of that colour, or give it another one."""
        ...

    def expire(self) -> None:
        """The server forgets every cursor."""
        ...


def read_all(mailbox: LiveMailbox) -> tuple[dict[str, Record], dict[str, str]]:
    """Every record by id, and from where each folder tells later."""
    records: dict[str, Record] = {}
    laters: dict[str, str] = {}
    for folder in mailbox.folders():
        if folder.selectable:
            for page in mailbox.read(folder.id):
                records |= {record.id: record for record in page.records}
                if page.later:
                    laters[folder.id] = page.later
    return records, laters


def one(mailbox: LiveMailbox, write: CardWrite) -> CardReceipt:
    """The receipt of a single write."""
    (receipt,) = mailbox.write([write])
    return receipt


class LiveMailboxSuite:
    """The promises of the port, one test each."""

    def test_it_declares_what_it_can_do(self, mailbox: LiveMailbox) -> None:
        """Deltas, ids that last, an address."""
        can = mailbox.capabilities
        assert can.deltas
        assert can.stable_ids
        assert can.has_address
        assert isinstance(mailbox, LiveMailbox)

    def test_every_folder_says_where_changes_are_told_from(self, mailbox: LiveMailbox) -> None:
        """On its last page."""
        _, laters = read_all(mailbox)
        assert set(laters) == {folder.id for folder in mailbox.folders() if folder.selectable}

    def test_what_nobody_changed_is_not_told(self, mailbox: LiveMailbox) -> None:
        """However often one asks."""
        _, laters = read_all(mailbox)
        first = mailbox.changes(laters)
        assert not first
        assert set(first.cursors) == set(laters)
        assert not mailbox.changes(first.cursors)

    def test_what_changed_is_told_once(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """New, renamed and deleted; the rest is not."""
        records, laters = read_all(mailbox)
        renamed, deleted = sorted(records)[:2]
        hands.add("Nouveau")
        hands.rename(renamed, "Renommé")
        hands.delete(deleted)
        changes = mailbox.changes(laters)
        assert {record.contact.get("surname") for record in changes.records} == {"Nouveau", "Renommé"}
        assert changes.gone == (deleted,)
        told = next(record for record in changes.records if record.id == renamed)
        assert told.version != records[renamed].version
        assert not mailbox.changes(changes.cursors)

    def test_a_move_is_no_removal(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """The record is told in its new folder, under its id."""
        records, laters = read_all(mailbox)
        default = mailbox.folders()[0].id
        moved = min(record.id for record in records.values() if record.folder == default)
        hands.move(moved)
        changes = mailbox.changes(laters)
        assert changes.gone == ()
        assert [record.id for record in changes.records] == [moved]
        assert changes.records[0].folder != records[moved].folder

    def test_a_contact_that_became_private_is_held_back_and_gone(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """Nothing of it crosses any more."""
        records, laters = read_all(mailbox)
        hidden = min(records)
        hands.hide(hidden)
        hands.add("Secret", private=True)
        changes = mailbox.changes(laters)
        assert changes.records == ()
        assert hidden in changes.gone
        assert len({held.key for held in changes.held_back}) == len((hidden, "Secret"))
        assert "Secret" not in repr(changes)

    def test_a_cursor_that_the_server_forgot_is_named(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """The folder is read again, and its records keep their ids."""
        records, laters = read_all(mailbox)
        hands.expire()
        changes = mailbox.changes(laters)
        assert changes.expired == frozenset(laters)
        assert not changes.records
        assert changes.gone == ()
        assert set(read_all(mailbox)[0]) == set(records)

    def test_a_create_is_made_once_however_often_it_is_tried(self, mailbox: LiveMailbox) -> None:
        """By its operation key."""
        _, laters = read_all(mailbox)
        values: Mapping[str, str | None] = {"surname": "Écrit", "email1": "ecrit@contoso.com", "pager": "12", "notes": "a\nb"}
        write = CardWrite(operation=Operation.CREATE, values=values, key="op-1", categories=("Clients",))
        first, again = one(mailbox, write), one(mailbox, write)
        assert (first.outcome, again.outcome) == (Outcome.DONE, Outcome.ALREADY)
        assert first.id == again.id
        changes = mailbox.changes(laters)
        (record,) = changes.records
        assert (record.id, record.contact.categories) == (first.id, ("Clients",))
        assert {key: record.contact.get(key) for key in values} == dict(values)

    def test_an_update_changes_what_it_names_and_nothing_else(self, mailbox: LiveMailbox) -> None:
        """Lists and addresses keep their other parts; None clears."""
        values: Mapping[str, str | None] = {
            "given_name": "Zoé",
            "surname": "Écrit",
            "email1": "a@contoso.com",
            "email2": "b@contoso.com",
            "business_phone": "1",
            "business_phone2": "2",
            "business_city": "Lyon",
            "business_country": "France",
        }
        made = one(mailbox, CardWrite(operation=Operation.CREATE, values=values, key="op-2"))
        changed: Mapping[str, str | None] = {
            "email2": "c@contoso.com",
            "business_phone": "9",
            "business_city": "Nantes",
            "given_name": None,
        }
        done = one(mailbox, CardWrite(operation=Operation.UPDATE, id=made.id, values=changed, expects=made.version))
        assert done.outcome is Outcome.DONE
        record = read_all(mailbox)[0][made.id]
        wanted = {key: value for key, value in {**values, **changed}.items() if value}
        assert {key: record.contact.get(key) for key in wanted} == wanted
        assert record.contact.get("given_name") == ""

    def test_an_emptied_address_leaves_the_others_where_they_are(self, mailbox: LiveMailbox) -> None:
        """The second e-mail does not become the first, whichever of the three is emptied, set or missing from the start."""
        keys = ("email1", "email2", "email3")
        values: dict[str, str | None] = {"surname": "Trois", **{key: f"{key}@contoso.com" for key in keys}}
        whole = one(mailbox, CardWrite(operation=Operation.CREATE, values=values, key="op-4"))
        gapped = CardWrite(operation=Operation.CREATE, values={"surname": "Une", "email2": "email2@contoso.com"}, key="op-5")
        for made, before in ((whole, values), (one(mailbox, gapped), gapped.values)):
            held = dict(before)
            for change in ({"email1": None}, {"email3": "new@contoso.com"}, {"email2": None}, {"email1": "first@contoso.com"}):
                held |= change
                record = read_all(mailbox)[0][made.id]
                update = CardWrite(operation=Operation.UPDATE, id=made.id, values=change, expects=record.version)
                assert one(mailbox, update).outcome is Outcome.DONE
                contact = read_all(mailbox)[0][made.id].contact
                assert [contact.get(key) for key in keys] == [held.get(key) or "" for key in keys]

    def test_categories_have_their_colours(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """Those that the person has made; one without a colour too."""
        for name, colour in (("Clients", "preset7"), ("Foire & Cie", "none"), ("Presse", "preset24"), ("Clients", "preset0")):
            hands.colour(name, colour)
        wanted = {"Clients": "preset0", "Foire & Cie": "none", "Presse": "preset24"}
        assert {name: colour for name, colour in mailbox.categories().items() if name in wanted} == wanted

    def test_a_photo_is_told_by_its_digest_when_it_is_asked_for(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """Of those alone that have one, and as it is now; also where the contact has moved since it was read."""
        records, _ = read_all(mailbox)
        default = mailbox.folders()[0].id
        shown, moved, *others = sorted((each for each in records.values() if each.folder == default), key=lambda each: each.id)
        pictures = {shown.id: b"\xff\xd8first", moved.id: b"\xff\xd8second" * 999}
        for record, picture in pictures.items():
            hands.portray(record, picture)
        hands.move(moved.id)
        asked = [shown, *others, moved]
        assert dict(mailbox.photos(asked)) == {each: hashlib.sha256(picture).hexdigest() for each, picture in pictures.items()}
        hands.portray(shown.id, b"\x89PNG")
        assert mailbox.photos([shown])[shown.id] == hashlib.sha256(b"\x89PNG").hexdigest()
        hands.delete(moved.id)
        assert dict(mailbox.photos([moved, *others])) == {}
        assert dict(mailbox.photos([])) == {}
        assert not [each for each in read_all(mailbox)[0].values() if "photo" in each.contact.extras]

    def test_an_emptied_number_leaves_the_other_where_it_is(self, mailbox: LiveMailbox) -> None:
        """The second one does not become the first, from whichever two of each kind one comes, to whichever one goes."""
        both, first, second, none = ("1", "2"), ("1", ""), ("", "2"), ("", "")
        walk = (second, both, second, first, both, none, second, none, both, first, second, first, none, first)
        keys = ("business_phone", "business_phone2", "home_phone", "home_phone2")
        states = [dict(zip(keys, (*here, *there), strict=True)) for here, there in zip(walk, walk[1:] + walk[:1], strict=True)]
        made = one(mailbox, CardWrite(operation=Operation.CREATE, values={"surname": "Deux", **states[0]}, key="op-6"))
        held = states[0]
        for state in states[1:]:
            change = {key: value or None for key, value in state.items() if value != held[key]}
            record = read_all(mailbox)[0][made.id]
            assert {key: record.contact.get(key) for key in keys} == held
            update = CardWrite(operation=Operation.UPDATE, id=made.id, values=change, expects=record.version)
            assert one(mailbox, update).outcome is Outcome.DONE
            held = state
        record = read_all(mailbox)[0][made.id]
        assert {key: record.contact.get(key) for key in keys} == held

    def test_a_stale_update_is_refused(self, mailbox: LiveMailbox, hands: Hands) -> None:
        """And changes nothing; so is a stale deletion."""
        records, _ = read_all(mailbox)
        stale = min(records)
        hands.rename(stale, "Ailleurs")
        update = CardWrite(operation=Operation.UPDATE, id=stale, values={"surname": "Nous"}, expects=records[stale].version)
        delete = CardWrite(operation=Operation.DELETE, id=stale, expects=records[stale].version)
        assert one(mailbox, update).outcome is Outcome.STALE
        assert one(mailbox, delete).outcome is Outcome.STALE
        assert read_all(mailbox)[0][stale].contact.get("surname") == "Ailleurs"

    def test_one_write_that_fails_does_not_stop_the_others(self, mailbox: LiveMailbox) -> None:
        """Each has its receipt, in order."""
        records, _ = read_all(mailbox)
        deleted = min(records)
        receipts = mailbox.write(
            [
                CardWrite(operation=Operation.UPDATE, id="i:nobody", values={"surname": "X"}),
                CardWrite(operation=Operation.DELETE, id=deleted, expects=records[deleted].version),
                CardWrite(operation=Operation.CREATE, values={"surname": "Après"}, key="op-3"),
                CardWrite(operation=Operation.DELETE, id="i:nobody"),
            ]
        )
        outcomes = [Outcome.FAILED, Outcome.DONE, Outcome.DONE, Outcome.ALREADY]
        assert [receipt.outcome for receipt in receipts] == outcomes
        assert deleted not in read_all(mailbox)[0]
