"""Who is tracked in the tests of Track, Set Parent and Untrack, and how is a plan of them approved?"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.flows.apply import apply
from carnet.flows.plan import Planned
from carnet.flows.track import Untracking, contacts, track
from carnet.flows.undo import plan_undo
from carnet.model.account import CrmRecord, Parent, RecordKind
from carnet.model.contact import Record
from carnet.model.run import Run
from carnet.model.tracking import Tracking
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com", job_title="Analyst")
BOB = card("Bob Martin", company="Contoso", email1="bob@contoso.com")
CLARA = card("Clara Nowak", company="Fabrikam", email1="clara@fabrikam.com")


def approve(carnet: Rehearsal, planned: Planned | Untracking) -> Run:
    assert planned.run is not None
    return apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def undo(carnet: Rehearsal, run: Run) -> Run:
    planned = plan_undo(carnet.world, user=ME.id, number=run.number)
    assert planned.run is not None
    return apply(carnet.world, user=ME.id, number=planned.run.number, fingerprint=planned.run.fingerprint)


def ids(records: Sequence[Record]) -> list[str]:
    return [record.id for record in records]


def tracked(carnet: Rehearsal, records: Sequence[Record]) -> Run:
    reading = carnet.read(records)
    return approve(carnet, track(carnet.world, user=ME.id, reading=reading.id, records=ids(records)))


def states(carnet: Rehearsal, reading: str) -> dict[str, Tracking]:
    return {row.name: row.state for row in contacts(carnet.world, user=ME.id, reading=reading)}


def parent_of(carnet: Rehearsal, name: str) -> str:
    (found,) = [each for each in carnet.contacts() if each.name == name]
    return found.parent.name if found.parent else ""


def account(carnet: Rehearsal, name: str) -> Parent:
    return Parent(kind=RecordKind.ACCOUNT, id=carnet.account(name), name=name)


def only(carnet: Rehearsal) -> CrmRecord:
    (found,) = carnet.contacts()
    return found
