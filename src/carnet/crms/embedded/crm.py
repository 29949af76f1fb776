"""How does the embedded CRM keep the promises of the port?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from carnet.core.examining import observe
from carnet.crms import rules
from carnet.crms.duplicates import check_rule
from carnet.crms.embedded import detecting, reading, storing
from carnet.crms.embedded.detecting import Arrivals
from carnet.crms.embedded.tables import crm_user
from carnet.crms.writing import new_values
from carnet.database import Branch, Database, migrate, upsert, version_of
from carnet.errors import NotFound
from carnet.model.account import CrmRecord, CrmUser, Dependents, RecordKind
from carnet.model.change import Duplicate, Receipt, Write
from carnet.model.duplicate_rule import Detection, DuplicateRule
from carnet.model.examination import Measure, Observation
from carnet.ports.clock import Clock
from carnet.ports.crm import CrmCapabilities, SnapshotPage

BRANCH = Branch(scripts=Path(__file__).parent / "migrations", version_table="alembic_version_embedded")
"""The embedded CRM's line of migrations."""

_SAVE_USER = upsert(crm_user)


class EmbeddedCrm:
    """Accounts and contacts in Carnet's own file (`carnet.ports.crm.Crm`).

    `Write.values` may also hold `active` ("1" or "0"), in a create and in an update.
    """

    def __init__(self, file: Database, user: CrmUser, *, clock: Clock, key: str) -> None:
        """Write in the name of `user`; the tables are there. A user without an id (nobody yet) can only read."""
        self._file = file
        self._user = user
        self._clock = clock
        self._key = key
        self._arrivals = Arrivals()
        with file.read() as connection:
            ready = detecting.has_begun(connection)
        if not ready:
            with file.write() as connection:
                detecting.begin(connection)
        if user.id:
            self.introduce(user)

    @property
    def capabilities(self) -> CrmCapabilities:
        """Everything, 500 writes at a time."""
        return CrmCapabilities()

    @property
    def key(self) -> str:
        """Its name in links, runs and the candidate index."""
        return self._key

    def whoami(self) -> CrmUser:
        """The user it was opened for."""
        return self._user

    def require(self, *, accounts: bool) -> None:
        """Whoever opens this CRM may write to it."""

    def lengths(self) -> Mapping[RecordKind, Mapping[str, int | None]]:
        """How long a value may be: as long as in a new organisation of the original product."""
        return rules.LENGTHS

    def users(self) -> tuple[CrmUser, ...]:
        """Everybody who can own a record, by name."""
        with self._file.read() as connection:
            rows = connection.execute(sa.select(crm_user).order_by(crm_user.c.name, crm_user.c.id)).mappings()
            return tuple(CrmUser(**row) for row in rows)

    def introduce(self, user: CrmUser) -> None:
        """Add a user, or renew the name and address of one."""
        row = {"id": user.id, "name": user.name, "address": user.address, "administrator": user.administrator}
        with self._file.write() as connection:
            connection.execute(_SAVE_USER, row)

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        """What changed since the cursor, accounts first; a cursor that this CRM never gave starts again from nothing."""
        with self._file.read() as connection:
            last = storing.last_version(connection)
            known = cursor.isdecimal() and int(cursor) <= last
            after = int(cursor) if known else 0
            gone = reading.gone(connection, after=after, last=last) if after else ()
        present: set[tuple[RecordKind, str]] | None = set() if cursor and not known else None
        waiting: tuple[CrmRecord, ...] | None = None
        for records in self._pages(after, last):
            if waiting is not None:
                yield SnapshotPage(records=waiting, gone=gone, cursor=cursor)
                gone = ()
            waiting = records
            if present is not None:
                present |= {(record.kind, record.id) for record in records}
        all_ = None if present is None else frozenset(present)
        yield SnapshotPage(records=waiting or (), gone=gone, cursor=str(last), present=all_)

    def get(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The records with those ids, inactive ones included."""
        with self._file.read() as connection:
            return reading.by_ids(connection, kind, ids)

    def search(self, kind: RecordKind, query: str, *, offset: int = 0, limit: int = 50) -> tuple[tuple[CrmRecord, ...], int]:
        """Records whose name, address or e-mail contains the query (case and accents aside), by name; and their number."""
        with self._file.read() as connection:
            return reading.matching(connection, kind, query, offset=offset, limit=limit)

    def apply(self, writes: Sequence[Write]) -> tuple[Receipt, ...]:
        """Write them, in order, in one transaction; one receipt each."""
        now = self._clock.now().astimezone(UTC).isoformat(timespec="microseconds")
        with self._file.write() as connection:
            last = storing.last_version(connection)
            versions = count(last + 1)
            rules = detecting.detection(connection)
            detector = detecting.detector(connection, writes, last=last, rules=rules, arrivals=self._arrivals)
            ledger = storing.load(connection, writes, owner=self._user.id, version=lambda: str(next(versions)), detector=detector)
            receipts = ledger.apply(writes)
            storing.store(connection, ledger, now=now, last=next(versions) - 1)
            detecting.keep_codes(connection, rules.rules, ledger)
        return receipts

    def page_of(self, kind: RecordKind, id_: str) -> str:
        """It has no pages but Carnet's."""
        del kind, id_
        return ""

    def stamped(self, run: int) -> frozenset[tuple[RecordKind, str]]:
        """What bears the number of that run."""
        with self._file.read() as connection:
            return reading.stamped(connection, run)

    def dependents(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Dependents]:
        """Activities and child records of those that have any."""
        with self._file.read() as connection:
            return reading.dependents(connection, kind, ids)

    def duplicates(self, writes: Sequence[Write]) -> Mapping[str, tuple[Duplicate, ...]]:
        """What creates with `detect` would be held for now, by the id they would have; nothing is written."""
        with self._file.read() as connection:
            last, rules = storing.last_version(connection), detecting.detection(connection)
            detector = detecting.detector(connection, writes, last=last, rules=rules, arrivals=Arrivals())
        found = {write.id: detector.duplicates(write, new_values(write)) for write in writes}
        return {id_: some for id_, some in found.items() if some}

    def detection(self) -> Detection:
        """Whether duplicates are looked for, and by which rules."""
        with self._file.read() as connection:
            return detecting.detection(connection)

    def set_detection(self, *, on: bool) -> None:
        """Look for duplicates, or no longer."""
        with self._file.write() as connection:
            detecting.switch(connection, on=on)

    def save_rule(self, rule: DuplicateRule) -> None:
        """Insert or replace a rule; Refused for a sixth published one, and for one that compares nothing it has."""
        with self._file.write() as connection:
            check_rule(rule, detecting.detection(connection).rules)
            detecting.save(connection, rule)

    def drop_rule(self, rule: str) -> None:
        """Forget a rule; NotFound where there is none of that id."""
        with self._file.write() as connection:
            if not detecting.drop(connection, rule):
                raise NotFound("There is no such duplicate rule.", "List the rules again.")

    def examine(self) -> Iterator[Observation]:
        """How this CRM is (`carnet.ports.examined.Examined`)."""
        with self._file.read() as connection:
            yield observe(Measure.REVISION, version_of(connection, BRANCH), expected=BRANCH.head)
            counts = [reading.count(connection, kind) for kind in RecordKind]
            detection = detecting.detection(connection)
        yield observe(Measure.RECORDS, " / ".join(map(str, counts)))
        yield observe(Measure.DETECTION, detection.on)
        yield observe(Measure.PUBLISHED, " / ".join(str(len(detection.published(kind))) for kind in RecordKind))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _pages(self, after: int, last: int) -> Iterator[tuple[CrmRecord, ...]]:
        """The records written in that time, a transaction a page; one empty page where there are none."""
        empty = True
        for kind in RecordKind:
            at = after
            while records := self._page(kind, at, last):
                yield records
                empty = False
                at = int(records[-1].version)
        if empty:
            yield ()

    def _page(self, kind: RecordKind, after: int, last: int) -> tuple[CrmRecord, ...]:
        with self._file.read() as connection:
            return reading.changed(connection, kind, after=after, last=last)


def open_crm(path: Path, *, user: CrmUser, clock: Clock, key: str = "embedded") -> EmbeddedCrm:
    """The CRM in that file, its tables made or brought to the newest revision, for that user."""
    file = Database(path)
    try:
        migrate(file, BRANCH)
        return EmbeddedCrm(file, user, clock=clock, key=key)
    except Exception:
        file.close()
        raise
