"""Does a store keep the promises of `carnet.ports.connections`, and those of readings of mailboxes on a server?

For authors of stores: subclass `ConnectionsSuite` and give it a pytest fixture `store`, an empty store.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from carnet.errors import Locked, NotFound
from carnet.model.account import RecordKind
from carnet.model.connection import Connection, Pairing, Service
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.folder import Folder
from carnet.model.match import Candidate
from carnet.model.reading import Changes, HeldBack, HeldBackReason, MailboxIdentity, Page, Reading, SkippedRecord
from carnet.ports.store import Store

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OUTLOOK = Connection(id="c1", user="camille", service=Service.GRAPH, label="Outlook", url="http://127.0.0.1", key="graph:m1")
PAIR = Pairing(mailbox="graph:m1", crm="crm", crm_user="u1", address="camille@contoso.com")
FOLDERS = tuple(Folder(id=name, name=name, path=(name,), count=2, is_default=name == "a") for name in ("a", "b"))


def record(name: str, folder: str = "a", version: str = "1") -> Record:
    """A card of that id."""
    contact = Contact(values={"surname": name})
    keys = (SourceKey(strength=KeyStrength.IMMUTABLE, key=name),)
    return Record(id=name, folder=folder, place=name, keys=keys, version=version, contact=contact)


def held(key: str, folder: str = "a") -> HeldBack:
    """A private card of that key."""
    return HeldBack(key=key, folder=folder, reason=HeldBackReason.PRIVATE)


def read(store: Store) -> Reading:
    """A reading of two folders: 1 and 2 in the first, 3 and a private 4 in the second."""
    identity = MailboxIdentity(key="graph:m1", label="Outlook", kind="graph", address="camille@contoso.com")
    reading = Reading(
        id="r1", user="camille", identity=identity, source="live:c1", digest="", read_at=AT, complete=False, folders=FOLDERS
    )
    store.readings.start(reading)
    store.readings.add("r1", "a", Page(records=(record("1"),), cursor="next"))
    store.readings.add("r1", "a", Page(records=(record("2"),), later="a1"))
    store.readings.add("r1", "b", Page(records=(record("3", "b"),), held_back=(held("4", "b"),), later="b1"))
    store.readings.finish("r1")
    return store.readings.get("camille", "r1")


def said(store: Store, reading: str) -> dict[str, tuple[str, str]]:
    """Record id → its folder and version."""
    return {each.id: (each.folder, each.version) for each in store.readings.records(reading)}


class ConnectionsSuite:
    """The promises, one test each."""

    def test_a_connection_comes_back_as_it_was_saved(self, store: Store) -> None:
        """And is replaced when it is saved again; its day stays."""
        store.connections.save(OUTLOOK)
        kept = store.connections.get("camille", "c1")
        assert replace(kept, connected_at=None) == OUTLOOK
        assert kept.connected_at
        store.connections.save(replace(kept, reading="r1"))
        assert store.connections.all("camille") == (replace(kept, reading="r1"),)

    def test_a_connection_is_its_users_alone(self, store: Store) -> None:
        """Somebody else neither finds nor deletes it."""
        store.connections.save(OUTLOOK)
        store.connections.delete("alix", "c1")
        assert store.connections.all("alix") == ()
        found: Connection | None = None
        with suppress(NotFound):
            found = store.connections.get("alix", "c1")
        assert found is None
        assert len(store.connections.all("camille")) == 1

    def test_deleting_a_mailbox_ends_its_pairing(self, store: Store) -> None:
        """Twice is fine; other pairings stay."""
        other = replace(PAIR, mailbox="graph:m2", crm_user="u2")
        store.connections.save(OUTLOOK)
        store.connections.pair(PAIR)
        store.connections.pair(other)
        store.connections.delete("camille", "c1")
        store.connections.delete("camille", "c1")
        assert store.connections.pairings() == (other,)

    def test_a_user_has_one_mailbox_unless_another_pairing_is_broken(self, store: Store) -> None:
        """Two doors that pair at once do not both succeed."""
        other = replace(PAIR, mailbox="graph:m2")
        store.connections.pair(PAIR)
        refused = False
        try:
            store.connections.pair(other)
        except Locked:
            refused = True
        assert refused
        assert store.connections.pairings() == (PAIR,)
        store.connections.pair(other, breaks=[PAIR])
        assert store.connections.pairings() == (other,)

    def test_a_reading_knows_from_where_changes_are_told(self, store: Store) -> None:
        """Each folder that said so."""
        assert store.readings.laters(read(store).id) == {"a": "a1", "b": "b1"}

    def test_changes_bring_a_reading_to_where_the_mailbox_is(self, store: Store) -> None:
        """New, changed, moved, gone, become private, no longer private; counts follow."""
        read(store)
        changes = Changes(
            records=(record("1", version="2"), record("3", "a"), record("4", "b"), record("5", "b")),
            gone=("2",),
            held_back=(held("6"),),
            skipped=(SkippedRecord(folder="b", place="7", code="CA301", reason="The record is no longer in the CRM"),),
            cursors={"a": "a2", "b": "b2"},
        )
        store.readings.change("r1", changes)
        assert said(store, "r1") == {"1": ("a", "2"), "3": ("a", "1"), "4": ("b", "1"), "5": ("b", "1")}
        assert store.readings.laters("r1") == {"a": "a2", "b": "b2"}
        assert store.readings.totals("r1") == {"a": (2, 1, 0, 0), "b": (2, 0, 0, 1)}
        store.readings.change("r1", changes)
        assert store.readings.totals("r1")["a"] == (2, 1, 0, 0)

    def test_a_copy_stays_as_it_was_while_the_reading_goes_on(self, store: Store) -> None:
        """With records in their order, notes and cursors; dropping one leaves the other."""
        first = read(store)
        copied = replace(first, id="r2", lists=(), skipped=(), repairs=())
        store.readings.copy("r1", copied)
        store.readings.change("r1", Changes(gone=("1", "2", "3"), cursors={"a": "a9"}))
        assert list(said(store, "r2")) == ["1", "2", "3"]
        assert store.readings.laters("r2") == {"a": "a1", "b": "b1"}
        assert store.readings.totals("r2") == {"a": (2, 0, 0, 0), "b": (1, 1, 0, 0)}
        assert store.readings.get("camille", "r2").complete
        store.readings.drop("camille", "r1")
        assert list(said(store, "r2")) == ["1", "2", "3"]

    def test_the_folders_on_offer_change_and_what_was_read_stays(self, store: Store) -> None:
        """Somebody else's came, was renamed, or went."""
        before = read(store)
        theirs = Folder(id="shared:lou", name="Lou", path=("Lou",), count=0, reason="delegate")
        store.readings.offer("r1", (*FOLDERS, theirs))
        now = store.readings.get("camille", "r1")
        assert now == replace(before, folders=(*FOLDERS, theirs))
        assert store.readings.laters("r1") == {"a": "a1", "b": "b1"}
        missing = False
        try:
            store.readings.offer("nowhere", FOLDERS)
        except NotFound:
            missing = True
        assert missing

    def test_the_index_of_a_crm_is_forgotten_whole(self, store: Store) -> None:
        """And that of another stays."""
        somebody = Candidate(id="1", kind=RecordKind.CONTACT, name="Zoé Durand")
        for crm in ("dataverse:1", "embedded"):
            store.candidates.update(crm, [(somebody, ("k",))], gone=[], cursor="7")
        assert store.candidates.crms() == ("dataverse:1", "embedded")
        store.candidates.forget("dataverse:1")
        assert store.candidates.crms() == ("embedded",)
        assert (store.candidates.cursor("dataverse:1"), store.candidates.ids("dataverse:1")) == ("", frozenset())
        assert store.candidates.by_keys("dataverse:1", ["k"]) == {}
        assert store.candidates.by_keys("embedded", ["k"]) == {"k": (somebody,)}
        store.candidates.forget("nobody's")
