"""How does Dataverse keep the promises of a CRM?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from threading import Lock
from urllib.parse import urlencode, urljoin

from carnet.crms.dataverse import changing, copying, creating, examining, organisation, reading, recording, tracking
from carnet.crms.dataverse.client import DataverseClient
from carnet.crms.dataverse.desk import Desk
from carnet.crms.dataverse.detecting import Rules
from carnet.crms.dataverse.organisation import Self
from carnet.errors import Refused
from carnet.model.account import CrmRecord, CrmUser, Dependents, RecordKind
from carnet.model.activity import Activity, ActivityReceipt
from carnet.model.change import Duplicate, Operation, Receipt, Write
from carnet.model.duplicate_rule import Detection, DuplicateRule
from carnet.model.examination import Observation
from carnet.ports.clock import Clock
from carnet.ports.copied import Copied
from carnet.ports.crm import CrmCapabilities, SnapshotPage
from carnet.transport.client import Client
from carnet.transport.gate import SLOTS

BULK = 100
"""Rows in one message: it is all or nothing, and Dataverse takes a second or two for a hundred."""
MESSAGES, ROWS = 5, 1000
"""At least so many messages, and rows, in one call of `apply`: what is looked at after writing is asked for once for them all."""
_ACTS = {Operation.CREATE: creating.create, Operation.UPDATE: changing.update, Operation.DELETE: changing.delete}


def open_crm(client: Client, *, clock: Clock, bulk: int = BULK, key: str = "") -> DataverseCrm:
    """The CRM of the organisation behind that client; `key` is its key, where it is known already."""
    return DataverseCrm(DataverseClient(client), clock=clock, bulk=bulk, key=key)


class DataverseCrm:
    """Accounts and contacts by way of Dataverse (`carnet.ports.crm.Crm`). Its duplicate rules are set in Dynamics 365."""

    def __init__(self, client: DataverseClient, *, clock: Clock, bulk: int = BULK, key: str = "") -> None:
        """Nothing is asked before it is needed."""
        self._client = client
        self._clock = clock
        self._bulk = bulk
        self._key = key
        self._self: Self | None = None
        self._rules = Rules(client=client)
        self._pool = ThreadPoolExecutor(SLOTS, thread_name_prefix="dataverse")
        self._lock = Lock()

    @property
    def capabilities(self) -> CrmCapabilities:
        """It takes our ids; duplicates are looked for after writing, and rules are set elsewhere."""
        return CrmCapabilities(
            deltas=self._self is None or self._self.reads_all,
            sets_duplicate_rules=False,
            guards_creates=False,
            remembers_deleted=False,
            chunk=max(MESSAGES * self._bulk, ROWS),
        )

    @property
    def key(self) -> str:
        """The organisation's name in links, runs and the candidate index."""
        return self._key or f"dataverse:{self._known.organisation}"

    def whoami(self) -> CrmUser:
        """The user who signed in."""
        return self._known.user

    def require(self, *, accounts: bool) -> None:
        """Raise NotAllowed, naming the rights that are missing to write contacts (and accounts)."""
        organisation.require(self._known, accounts=accounts)

    def lengths(self) -> Mapping[RecordKind, Mapping[str, int | None]]:
        """How long a value may be, as the organisation has set its columns."""
        return self._known.lengths

    def users(self) -> tuple[CrmUser, ...]:
        """Everybody who can own a record, by name."""
        return organisation.users(self._client)

    def snapshot(self, cursor: str = "") -> Iterator[SnapshotPage]:
        """What changed since the cursor, contacts after accounts."""
        unsure = self._known.rights is None and tracking.is_polled(cursor)
        tracked = self._known.reads_all and not unsure
        return tracking.snapshot(self._client, cursor, tracked=tracked, clock=self._clock, pool=self._pool)

    def get(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The records with those ids, inactive ones included."""
        return reading.by_ids(self._client, kind, ids)

    def search(self, kind: RecordKind, query: str, *, offset: int = 0, limit: int = 50) -> tuple[tuple[CrmRecord, ...], int]:
        """Records whose name, address or e-mail contains the query, by name; and their number, of which 5,000 are counted."""
        return reading.search(self._client, kind, query, offset=offset, limit=limit)

    def apply(self, writes: Sequence[Write]) -> tuple[Receipt, ...]:
        """Write them, in order; one receipt each."""
        desk = Desk(
            client=self._client,
            me=self._known.user.id,
            bulk=self._bulk,
            pool=self._pool,
            lengths=self._known.lengths,
            rules=self._rules,
        )
        receipts: dict[int, Receipt] = {}
        for stretch in _stretches(writes):
            receipts |= _ACTS[next(iter(stretch.values())).operation](desk, stretch)
        return tuple(receipts[number] for number in range(len(writes)))

    def page_of(self, kind: RecordKind, id_: str) -> str:
        """The record's form in Dynamics 365."""
        asked = urlencode({"etn": kind.value, "id": id_, "pagetype": "entityrecord"})
        return urljoin(self._client.base, f"/main.aspx?{asked}")

    def record(self, activities: Sequence[Activity]) -> tuple[ActivityReceipt, ...]:
        """Record activities with those who took part (`carnet.ports.activities.Activities`)."""
        return recording.record(self._client, activities)

    def stamped(self, run: int) -> frozenset[tuple[RecordKind, str]]:
        """What bears the number of that run."""
        return reading.stamped(self._client, run)

    def dependents(self, kind: RecordKind, ids: Sequence[str]) -> Mapping[str, Dependents]:
        """Activities and child records of those that have any."""
        return reading.dependents(self._client, kind, ids)

    def duplicates(self, writes: Sequence[Write]) -> Mapping[str, tuple[Duplicate, ...]]:
        """What creates with `detect` would be held for now, by the id they would have; nothing is written."""
        return self._rules.duplicates([write for write in writes if write.detect])

    def detection(self) -> Detection:
        """Whether duplicates are looked for, and by which rules."""
        return self._rules.read()

    def set_detection(self, *, on: bool) -> None:
        """Refused: whether the organisation looks for duplicates is set in Dynamics 365."""
        del on
        raise _set_elsewhere()

    def save_rule(self, rule: DuplicateRule) -> None:
        """Refused: the organisation's rules hold for everybody, and are set in Dynamics 365."""
        del rule
        raise _set_elsewhere()

    def drop_rule(self, rule: str) -> None:
        """Refused: the organisation's rules hold for everybody, and are set in Dynamics 365."""
        del rule
        raise _set_elsewhere()

    def examine(self) -> Iterator[Observation]:
        """What only this organisation can tell (`carnet.ports.examined.Examined`); nothing is written."""
        return examining.examine(self._client)

    def copy(self) -> Copied:
        """What a rehearsal needs of it (`carnet.ports.copied.Copyable`); nothing is written."""
        return copying.copy(self._client, self._known)

    def close(self) -> None:
        """Let go of connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    @property
    def _known(self) -> Self:
        with self._lock:
            if self._self is None:
                self._self = organisation.look_at(self._client)
            return self._self


def _stretches(writes: Sequence[Write]) -> Iterator[dict[int, Write]]:
    """The writes in runs of one kind and operation, of which no change or deletion names a record twice: order holds."""
    for (operation, _), some in groupby(enumerate(writes), key=lambda item: (item[1].operation, item[1].kind)):
        stretch: dict[int, Write] = {}
        named: set[str] = set()
        for number, write in some:
            if write.id in named and operation is not Operation.CREATE:
                yield stretch
                stretch, named = {}, set()
            stretch[number] = write
            named.add(write.id)
        yield stretch


def _set_elsewhere() -> Refused:
    return Refused(
        "The duplicate rules of Dynamics 365 are not set from here.",
        "An administrator sets them in Dynamics 365: Settings, Data management, Duplicate detection rules.",
    )
