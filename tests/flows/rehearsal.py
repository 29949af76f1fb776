"""A whole Carnet in a temporary folder, for the tests of flows."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from carnet.core.identity import Naming, fingerprint
from carnet.crms import embedded
from carnet.flows.apply import apply
from carnet.flows.plan import Planned, plan
from carnet.flows.read import read
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.account import CrmRecord, CrmUser, Parent, RecordKind
from carnet.model.change import Operation, Write
from carnet.model.choices import Choices
from carnet.model.contact import Contact, KeyStrength, Record, SourceKey
from carnet.model.reading import ContactList, HeldBack, Reading, SkippedRecord
from carnet.model.run import Run
from carnet.ports.crm import Crm
from carnet.ports.world import World
from carnet.store import open_store

ME = CrmUser(id="user-1", name="Alix Renard", address="alix.renard@contoso.com")
COLLEAGUE = CrmUser(id="user-2", name="Lou Petit", address="lou.petit@contoso.com")


class TickingClock:
    """One second a look."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


class CountingIds:
    """Run 1, 2, 3 …, and tokens in order."""

    def __init__(self) -> None:
        self.count = itertools.count(1)

    def run_number(self) -> int:
        return next(self.count)

    def token(self) -> str:
        return f"token-{next(self.count)}"

    def record_key(self, *parts: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join(parts)))


def card(name: str, *, categories: Sequence[str] = (), folder: str = "contacts", uid: str = "", **values: str) -> Record:
    """A card of a memory mailbox; `name` is "Given Surname"."""
    given, _, surname = name.partition(" ")
    parts = {"given_name": given, "surname": surname, "full_name": name} if name else {}
    contact = Contact(values={key: value for key, value in {**parts, **values}.items() if value}, categories=tuple(categories))
    print_ = fingerprint(contact)
    keys = [SourceKey(strength=KeyStrength.SEARCH, key=uid)] if uid else []
    keys.append(SourceKey(strength=KeyStrength.FINGERPRINT, key=print_))
    return Record(id=Naming().name(keys), folder=folder, place=name or "card", keys=tuple(keys), version=print_, contact=contact)


@dataclass
class Rehearsal:
    """A store and an embedded CRM in one file, and a person who works with them."""

    world: World
    path: Path
    answers: Mapping[str, str] = field(default_factory=dict)

    def account(self, name: str, **values: str) -> str:
        """Put an account in the CRM."""
        identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"account {name} {sorted(values.items())}"))
        self.write(
            Write(operation=Operation.CREATE, kind=RecordKind.ACCOUNT, id=identity, values={"name": name, **values}, owner=ME.id)
        )
        return identity

    def contact(self, name: str, *, account: str = "", run: int = 0, **values: str) -> str:
        """Put a contact in the CRM, somebody else's; it may bear the number of a run."""
        given, _, surname = name.partition(" ")
        identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"contact {name} {sorted(values.items())}"))
        parent = Parent(kind=RecordKind.ACCOUNT, id=account) if account else None
        self.write(
            Write(
                operation=Operation.CREATE,
                kind=RecordKind.CONTACT,
                id=identity,
                values={"given_name": given, "surname": surname, **values},
                parent=parent,
                sets_parent=parent is not None,
                owner=COLLEAGUE.id,
                run=run,
            )
        )
        return identity

    def write(self, write: Write) -> None:
        (receipt,) = self.world.crm.apply([write])
        assert receipt.outcome == "done", receipt

    def edit(self, identity: str, kind: RecordKind = RecordKind.CONTACT, **values: str | None) -> None:
        """What a colleague does meanwhile."""
        self.write(Write(operation=Operation.UPDATE, kind=kind, id=identity, values=values))

    def read(
        self,
        records: Sequence[Record],
        *,
        held_back: Sequence[HeldBack] = (),
        lists: Sequence[ContactList] = (),
        skipped: Sequence[SkippedRecord] = (),
    ) -> Reading:
        box = MemoryMailbox(records, held_back=held_back, lists=lists, skipped=skipped)
        return read(self.world, box, user=ME.id, source="memory", digest="")

    def plan(self, records: Sequence[Record], choices: Choices | None = None, **answers: str) -> Planned:
        reading = self.read(records)
        return plan(self.world, user=ME.id, reading=reading.id, choices=choices or Choices(), answers=answers)

    def add(self, records: Sequence[Record], choices: Choices | None = None) -> Run:
        planned = self.plan(records, choices)
        return apply(self.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)

    def contacts(self) -> list[CrmRecord]:
        return list(self.world.crm.search(RecordKind.CONTACT, "", limit=100_000)[0])

    def accounts(self) -> list[CrmRecord]:
        return list(self.world.crm.search(RecordKind.ACCOUNT, "", limit=100_000)[0])

    def state(self) -> set[tuple[object, ...]]:
        """Everything the CRM says, but for ids, versions and times."""
        people = {(each.kind, each.parent.name if each.parent else "", *sorted(each.values.items())) for each in self.contacts()}
        return people | {(each.kind, *sorted(each.values.items())) for each in self.accounts()}


@cache
def _migrated() -> bytes:
    """An empty database at the newest revisions, as Carnet makes it: made once for all the folders of this process."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "carnet.db"
        open_store(file, clock=TickingClock()).close()
        embedded.open_crm(file, user=COLLEAGUE, clock=TickingClock()).close()
        return file.read_bytes()


def lay(folder: Path) -> Path:
    """The database of that folder: what it is, or an empty one."""
    file = folder / "carnet.db"
    if not file.exists():
        file.write_bytes(_migrated())
    return file


def rehearse(folder: Path, crm: Crm | None = None) -> Rehearsal:
    """Open (or open again) the Carnet in that folder."""
    clock = TickingClock()
    file = lay(folder)
    store = open_store(file, clock=clock)
    embedded.open_crm(file, user=COLLEAGUE, clock=clock).close()
    crm = crm or embedded.open_crm(file, user=ME, clock=clock)
    return Rehearsal(world=World(store=store, crm=crm, clock=clock, ids=CountingIds()), path=folder)
