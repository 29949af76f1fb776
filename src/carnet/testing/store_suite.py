"""Does a store keep the promises of `carnet.ports.store`?

For authors of stores: subclass `StoreSuite` in a test module, and give it a pytest fixture `store`, an empty store.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from carnet.errors import Refused
from carnet.model.account import CrmUser, Parent, RecordKind
from carnet.model.choices import AccountChoice, AccountSetting, Choices, MissingAccounts
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.draft import Draft, Step
from carnet.model.folder import Folder
from carnet.model.group import Mode
from carnet.model.link import Link
from carnet.model.match import Candidate
from carnet.model.reading import (
    ContactList,
    HeldBack,
    HeldBackReason,
    MailboxIdentity,
    Page,
    Reading,
    Repair,
    SkippedRecord,
)
from carnet.model.run import RunKind, RunState
from carnet.ports.store import Scope, Store
from carnet.testing.journal_suite import CONTACT, MANY, RUN, SCOPE, JournalSuite, entry, link, not_found, raises, run

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACCOUNT = RecordKind.ACCOUNT
OTHER_SCOPES = (replace(SCOPE, user="alex"), replace(SCOPE, mailbox="other"), replace(SCOPE, crm="other"))
CHOICES = Choices(
    mode=Mode.DOMAIN,
    folders=frozenset({"a", "b"}),
    excluded_groups=frozenset({"company:contoso"}),
    company_account=False,
    missing_accounts=MissingAccounts.CREATE,
    account_by_group={
        "domain:contoso.com": AccountChoice(
            setting=AccountSetting.PICKED, parent=Parent(kind=RecordKind.CONTACT, id="1", name="Zoé")
        )
    },
    edits={"record": {"surname": "Durand"}},
)


def reading(name: str = "reading", user: str = "camille") -> Reading:
    """A reading that has just begun."""
    identity = MailboxIdentity(key="mailbox", label="contacts.pst", kind="pst")
    folders = (Folder(id="f", name="Contacts", path=("Top", "Contacts"), count=3, is_default=True),)
    return Reading(
        id=name, user=user, identity=identity, source="contacts.pst", digest="d", read_at=NOW, complete=False, folders=folders
    )


def record(name: str, folder: str = "f", **values: str) -> Record:
    """A record of that id."""
    keys = (SourceKey(strength=KeyStrength.SEARCH, key=name), SourceKey(strength=KeyStrength.FINGERPRINT, key="print"))
    held = Contact(values={"surname": name, **values}, categories=("VIP",), extras={"photo": "d1"}, more_emails=("x@y.z",))
    return Record(id=name, folder=folder, place=f"item {name}", keys=keys, version="1", contact=held)


def candidate(name: str, kind: RecordKind = CONTACT) -> Candidate:
    """A candidate of that id and name."""
    return Candidate(kind=kind, id=name, name=name, emails=(f"{name}@x.y", "second@x.y"), phones=("+331",))


def primaries(store: Store, *scopes: Scope) -> dict[str, list[str]]:
    """Target → the records whose link to it is primary."""
    found: dict[str, list[str]] = {}
    for scope in scopes or (SCOPE,):
        for one in store.links.all(scope):
            found.setdefault(one.target, []).extend([one.record] if one.primary else [])
    return found


class StoreSuite(JournalSuite):
    """The promises of the port, one test each."""

    def test_nobody_has_been_introduced_at_the_start(self, store: Store) -> None:
        """And then it is the person introduced last."""
        assert store.people.me() is None
        for name in ("Camille", "Camille Martin"):
            person = CrmUser(id="camille", name=name, address="camille@carnet.example", administrator=True)
            store.people.introduce(person)
            assert store.people.me() == person
        other = CrmUser(id="alex", name="Alex", address="")
        store.people.introduce(other)
        assert store.people.me() == other

    def test_a_draft_comes_back_as_it_was_saved(self, store: Store) -> None:
        """Saving again replaces it."""
        draft = Draft(
            id="1",
            user="camille",
            step=Step.GROUPS,
            source="/x.pst",
            name="x.pst",
            upload=True,
            reading="r",
            run=1,
            advanced=True,
            choices=CHOICES,
            answers={"q": "create"},
            columns={"0": "surname"},
            consents=frozenset({"password"}),
            error="Read again",
            created_at=NOW,
        )
        for saved in (Draft(id="1", user="camille"), draft):
            store.drafts.save(saved)
            assert store.drafts.get("camille", "1") == saved
            assert store.drafts.all("camille") == (saved,)

    def test_drafts_are_listed_newest_first(self, store: Store) -> None:
        """Whatever order they were saved in."""
        for hours in (1, 3, 2):
            store.drafts.save(Draft(id=str(hours), user="camille", created_at=NOW + timedelta(hours=hours)))
        store.drafts.save(Draft(id="1", user="camille", step=Step.REVIEW, created_at=NOW + timedelta(hours=1)))
        assert [draft.id for draft in store.drafts.all("camille")] == ["3", "2", "1"]

    def test_somebody_elses_draft_is_not_found(self, store: Store) -> None:
        """It can be neither read nor replaced nor deleted."""
        theirs = Draft(id="1", user="alex")
        store.drafts.save(theirs)
        not_found(lambda: store.drafts.get("camille", "1"))
        not_found(lambda: store.drafts.save(Draft(id="1", user="camille")))
        store.drafts.delete("camille", "1")
        assert store.drafts.all("camille") == ()
        assert store.drafts.get("alex", "1") == theirs

    def test_a_deleted_draft_is_gone(self, store: Store) -> None:
        """Deleting it again is no error."""
        store.drafts.save(Draft(id="1", user="camille"))
        store.drafts.delete("camille", "1")
        store.drafts.delete("camille", "1")
        not_found(lambda: store.drafts.get("camille", "1"))

    def test_records_come_back_as_they_were_read_in_order(self, store: Store) -> None:
        """Over pages and folders."""
        store.readings.start(reading())
        pages = [("f", [record("z"), record("a")]), ("g", [record("m", "g")]), ("f", [record("b")])]
        for folder, records in pages:
            store.readings.add("reading", folder, Page(records=tuple(records), cursor="next"))
        assert store.readings.records("reading") == (record("z"), record("a"), record("m", "g"), record("b"))
        assert store.readings.records("reading", folders=frozenset({"g"})) == (record("m", "g"),)
        assert store.readings.records("reading", folders=frozenset()) == ()
        assert store.readings.records("reading", ids=["b", "z", "nobody"]) == (record("z"), record("b"))
        assert store.readings.records("reading", ids=[], folders=None) == ()

    def test_a_page_and_its_cursor_are_kept_together(self, store: Store) -> None:
        """Reading goes on after the last page kept; a folder ends with a page without a cursor."""
        store.readings.start(reading())
        assert store.readings.cursor("reading", "f") == (None, False)
        store.readings.add("reading", "f", Page(records=(record("1"),), cursor="2"))
        assert store.readings.cursor("reading", "f") == ("2", False)
        assert store.readings.cursor("reading", "g") == (None, False)
        store.readings.add("reading", "f", Page(records=(record("2"),)))
        assert store.readings.cursor("reading", "f") == (None, True)

    def test_a_page_that_cannot_be_kept_leaves_no_cursor(self, store: Store) -> None:
        """All of it or nothing."""
        store.readings.start(reading())
        store.readings.add("reading", "f", Page(records=(record("1"),), cursor="2"))
        twice = Page(records=(record("2"), record("2")), cursor="3")
        assert raises(Exception, lambda: store.readings.add("reading", "f", twice))
        assert store.readings.cursor("reading", "f") == ("2", False)
        assert store.readings.records("reading") == (record("1"),)

    def test_a_record_read_again_replaces_its_former_self_and_a_vanished_one_goes(self, store: Store) -> None:
        """As a page from a cursor tells it."""
        store.readings.start(reading())
        store.readings.add("reading", "f", Page(records=(record("1"), record("2")), cursor="2"))
        changed = record("1", job_title="CEO")
        store.readings.add("reading", "f", Page(records=(changed,), gone=("2", "nobody")))
        assert store.readings.records("reading") == (changed,)

    def test_a_reading_tells_what_came_of_it(self, store: Store) -> None:
        """Counts, lists, skips and repairs; of what is private, the number alone."""
        store.readings.start(reading())
        group = ContactList(name="Team", folder="f", members=3)
        skipped = SkippedRecord(folder="g", place="line 3", code="CA301", reason="The line is cut short")
        repair = Repair(place="line 4", code="encoding", detail="cp1252")
        held = tuple(HeldBack(key=key, folder="f", reason=HeldBackReason.PRIVATE) for key in "ab")
        store.readings.add("reading", "f", Page(records=(record("1"),), held_back=held, lists=(group,)))
        store.readings.add("reading", "g", Page(records=(record("2", "g"),), skipped=(skipped,), repairs=(repair,)))
        store.readings.add("reading", "empty", Page())
        store.readings.finish("reading")
        expected = replace(
            reading(), complete=True, records=2, held_back=2, lists=(group,), skipped=(skipped,), repairs=(repair,)
        )
        assert store.readings.get("camille", "reading") == expected
        assert store.readings.totals("reading") == {"f": (1, 2, 1, 0), "g": (1, 0, 0, 1), "empty": (0, 0, 0, 0)}

    def test_somebody_elses_reading_is_not_found(self, store: Store) -> None:
        """Nor can it be dropped."""
        store.readings.start(reading(user="alex"))
        store.readings.add("reading", "f", Page(records=(record("1"),)))
        not_found(lambda: store.readings.get("camille", "reading"))
        store.readings.drop("camille", "reading")
        store.readings.drop("camille", "reading", keep=["nobody"])
        assert store.readings.get("alex", "reading").records == 1
        not_found(lambda: store.readings.add("nothing", "f", Page()))
        not_found(lambda: store.readings.finish("nothing"))

    def test_a_dropped_reading_keeps_what_it_is_told_to_keep(self, store: Store) -> None:
        """And is gone altogether without anything to keep; dropping it again is no error."""
        store.readings.start(reading())
        store.readings.add("reading", "f", Page(records=tuple(record(str(number)) for number in range(1200))))
        store.readings.drop("camille", "reading", keep=["7", "1100"])
        assert [one.id for one in store.readings.records("reading")] == ["7", "1100"]
        store.readings.drop("camille", "reading")
        store.readings.drop("camille", "reading")
        not_found(lambda: store.readings.get("camille", "reading"))
        assert store.readings.records("reading") == ()

    def test_a_run_comes_back_as_it_was_saved(self, store: Store) -> None:
        """Saving again replaces it."""
        whole = replace(
            run(),
            kind=RunKind.UNDO,
            state=RunState.DONE,
            source="x.pst",
            label="Contacts",
            digest="d",
            reading="r",
            cursor="c",
            fingerprint="f",
            approved="f",
            choices=CHOICES,
            answers={"q": "create"},
            read=9,
            held_back=1,
            lists=2,
            skipped=3,
            reverts=5,
            stop=True,
            planned_at=NOW,
            started_at=NOW,
            finished_at=NOW + timedelta(seconds=1),
        )
        for saved in (run(), whole):
            store.runs.save(saved)
            assert store.runs.get("camille", RUN) == saved

    def test_runs_are_listed_newest_first_without_those_of_an_open_draft(self, store: Store) -> None:
        """What a wizard has only planned is not kept yet; once it has begun, it is."""
        for number, hours in ((1, 1), (2, 3), (3, 2)):
            store.runs.save(replace(run(number), planned_at=NOW + timedelta(hours=hours)))
        store.runs.save(run(4, "alex"))
        store.drafts.save(Draft(id="1", user="camille", run=3))
        assert [one.number for one in store.runs.all("camille")] == [2, 1]
        store.runs.save(replace(run(3), planned_at=NOW + timedelta(hours=2), state=RunState.APPLYING))
        assert [one.number for one in store.runs.all("camille")] == [2, 3, 1]
        assert [one.number for one in store.runs.all("camille", offset=1, limit=1)] == [3]

    def test_somebody_elses_run_is_not_found(self, store: Store) -> None:
        """It can be neither read, replaced, stopped nor deleted."""
        store.runs.save(replace(run(), user="alex"))
        not_found(lambda: store.runs.get("camille", RUN))
        not_found(lambda: store.runs.save(run()))
        not_found(lambda: store.runs.request_stop("camille", RUN))
        store.runs.delete("camille", RUN)
        assert store.runs.get("alex", RUN) == replace(run(), user="alex")

    def test_a_run_can_be_asked_to_stop(self, store: Store) -> None:
        """Whoever works it off sees it."""
        store.runs.save(replace(run(), state=RunState.APPLYING))
        store.runs.request_stop("camille", RUN)
        assert store.runs.get("camille", RUN).stop

    def test_only_a_run_that_never_started_is_forgotten(self, store: Store) -> None:
        """With its journal; deleting it again is no error."""
        store.runs.save(run())
        store.journal.write(RUN, [entry(1)], questions=(), missing=())
        store.runs.delete("camille", RUN)
        store.runs.delete("camille", RUN)
        assert store.journal.entries(RUN) == ()
        store.runs.save(replace(run(), state=RunState.APPLYING, started_at=NOW))
        assert raises(Refused, lambda: store.runs.delete("camille", RUN))
        assert store.runs.get("camille", RUN).started_at == NOW

    def test_links_come_back_as_they_were_saved(self, store: Store) -> None:
        """Saving one again replaces it, keys and all."""
        whole = replace(link("1"), communications=True, invented=frozenset({"surname"}), left_out=frozenset({"notes"}), run=7)
        store.links.save(SCOPE, [whole, link("2", "second")])
        assert store.links.all(SCOPE) == (whole, link("2", "second"))
        again = replace(whole, keys=whole.keys[:1], base={}, communications=False, run=8)
        store.links.save(SCOPE, [again])
        assert store.links.all(SCOPE) == (again, link("2", "second"))

    def test_links_are_of_one_user_mailbox_and_crm(self, store: Store) -> None:
        """The same record may be linked in each, and removing one touches no other."""
        for scope in (SCOPE, *OTHER_SCOPES):
            store.links.save(scope, [link("1")])
        store.links.remove(SCOPE, ["1"])
        assert store.links.all(SCOPE) == ()
        assert [len(store.links.all(scope)) for scope in OTHER_SCOPES] == [1, 1, 1]

    def test_exactly_one_link_of_a_crm_record_is_primary(self, store: Store) -> None:
        """The first, whatever the others ask for and whoever they are."""
        store.links.save(SCOPE, [replace(link("1"), primary=False)])
        assert primaries(store) == {"target": ["1"]}
        store.links.save(SCOPE, [link("2"), link("3"), link("1")])
        store.links.save(OTHER_SCOPES[0], [link("4")])
        assert primaries(store, SCOPE, OTHER_SCOPES[0]) == {"target": ["1"]}
        store.links.save(SCOPE, [replace(link("5", "second"), primary=False), link("6", "second")])
        assert primaries(store) == {"target": ["1"], "second": ["6"]}

    def test_where_the_primary_link_goes_the_oldest_other_takes_its_place(self, store: Store) -> None:
        """Removed, or pointing elsewhere; in another mailbox too."""
        store.links.save(SCOPE, [link("1"), link("2"), link("3")])
        store.links.save(OTHER_SCOPES[1], [link("4")])
        store.links.remove(SCOPE, ["1", "nobody"])
        assert primaries(store) == {"target": ["2"]}
        store.links.save(SCOPE, [link("2", "second")])
        assert primaries(store) == {"target": ["3"], "second": ["2"]}
        store.links.remove(SCOPE, ["3"])
        assert primaries(store, *OTHER_SCOPES) == {"target": ["4"]}

    def test_an_account_and_a_contact_of_one_id_are_two_records(self, store: Store) -> None:
        """Each has its own primary link."""
        store.links.save(SCOPE, [link("1"), replace(link("2"), kind=ACCOUNT)])
        assert all(one.primary for one in store.links.all(SCOPE))

    def test_links_of_a_record_are_counted_whoever_made_them(self, store: Store) -> None:
        """Nought where there are none."""
        for scope in (SCOPE, *OTHER_SCOPES):
            store.links.save(scope, [link("1"), link("2", f"only {scope.user} {scope.mailbox}")])
        counts = store.links.of_targets("crm", ["target", "only camille mailbox", "nobody"])
        assert counts == {"target": 3, "only camille mailbox": 1, "nobody": 0}

    def test_two_doors_linking_one_record_leave_one_primary(self, store: Store) -> None:
        """However close they come."""
        with ThreadPoolExecutor(max_workers=4) as doors:
            list(doors.map(lambda number: store.links.save(SCOPE, [link(str(number))]), range(MANY)))
        assert [len(records) for records in primaries(store).values()] == [1]
        assert len({one.record for one in store.links.all(SCOPE)}) == MANY

    def test_many_links_at_once_are_all_kept(self, store: Store) -> None:
        """More than one statement may name."""
        links: list[Link] = [link(str(number), f"target {number % 1500}") for number in range(3000)]
        store.links.save(SCOPE, links)
        assert {one.record for one in store.links.all(SCOPE)} == {one.record for one in links}
        assert {len(records) for records in primaries(store).values()} == {1}
        store.links.remove(SCOPE, [one.record for one in links[:1500]])
        assert {len(records) for records in primaries(store).values()} == {1}

    def test_the_candidate_index_begins_empty(self, store: Store) -> None:
        """And knows how far it was filled, for each CRM."""
        assert store.candidates.cursor("crm") == ""
        store.candidates.update("crm", [], gone=[], cursor="7")
        assert (store.candidates.cursor("crm"), store.candidates.cursor("other")) == ("7", "")

    def test_candidates_are_found_by_their_keys(self, store: Store) -> None:
        """By id, the inactive ones too; keys that nobody has are left out."""
        one, two, three = (
            candidate("1"),
            replace(candidate("2"), active=False),
            replace(candidate("3", ACCOUNT), emails=(), phones=()),
        )
        store.candidates.update("crm", [(two, ("k", "l")), (three, ("l", "l")), (one, ("k",))], gone=[], cursor="1")
        assert store.candidates.by_keys("crm", ["k", "l", "m", "k"]) == {"k": (one, two), "l": (two, three)}
        assert store.candidates.by_keys("other", ["k"]) == {}
        assert store.candidates.ids("crm") == {(each.kind, each.id) for each in (one, two, three)}
        assert store.candidates.ids("other") == frozenset()
        assert store.candidates.get("crm", CONTACT, ["1", "3", "nobody"]) == {"1": one}
        assert store.candidates.get("crm", ACCOUNT, ["3"]) == {"3": three}

    def test_updating_candidates_replaces_them_and_their_keys(self, store: Store) -> None:
        """And forgets those gone, of that kind and CRM alone."""
        rows = [(candidate("1"), ("k",)), (candidate("2"), ("k",)), (candidate("2", ACCOUNT), ("k",))]
        for crm in ("crm", "other"):
            store.candidates.update(crm, rows, gone=[], cursor="1")
        renamed = replace(candidate("1"), name="Zoé", version="2")
        store.candidates.update("crm", [(renamed, ("n",))], gone=[(CONTACT, "2"), (CONTACT, "nobody")], cursor="2")
        found = store.candidates.by_keys("crm", ["k", "n"])
        assert found == {"k": (candidate("2", ACCOUNT),), "n": (renamed,)}
        assert len(store.candidates.by_keys("other", ["k"])["k"]) == len(rows)
