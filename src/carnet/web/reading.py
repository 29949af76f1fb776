"""How is a draft's file or mailbox read while the person watches?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from carnet.errors import CarnetError, NotFound
from carnet.flows.connect import connection_of
from carnet.flows.events import Progress
from carnet.flows.read import digest, read
from carnet.flows.refresh import LIVE, fork, refresh
from carnet.model.connection import Connection
from carnet.model.draft import Draft, Step
from carnet.model.reading import Reading
from carnet.ports.mailbox import Mailbox, OpenOptions
from carnet.web.door import Visit, broken

COLUMNS = "columns"
"""What a draft waits for where a table file has columns that nobody knows."""


def options(visit: Visit, draft: Draft) -> OpenOptions:
    """How the draft's file is opened."""
    return OpenOptions(columns=draft.columns, consents=draft.consents, region=visit.world.region)


def start(visit: Visit, draft: Draft) -> None:
    """Read the file in the background; what stops it is kept with the draft."""
    visit.app.jobs.start(f"read:{draft.id}", lambda: _read(visit, draft.id))


def go_on(visit: Visit) -> None:
    """Start again what was being read when the server ended."""
    for draft in visit.world.store.drafts.all(visit.user):
        if draft.step is Step.READING and draft.source and not draft.error:
            start(visit, draft)


def running(visit: Visit, draft: Draft) -> bool:
    """Whether the file is being read here and now."""
    return visit.app.jobs.running(f"read:{draft.id}")


def progress(visit: Visit, draft: Draft) -> Progress:
    """How far the reading is, counted in what is stored: it survives a reload and a restart."""
    reading = draft.reading or _live_reading(visit, draft)
    if not reading:
        return Progress(phase="read", done=0)
    store = visit.world.store.readings
    total = sum(folder.count for folder in store.get(visit.user, reading).folders if folder.selectable)
    done = sum(records + held for records, held, _, _ in store.totals(reading).values())
    return Progress(phase="read", done=done, total=max(done, total))


def trouble(draft: Draft) -> CarnetError | None:
    """What stopped the reading, if anything did."""
    if not draft.error:
        return None
    kept = json.loads(draft.error)
    return CarnetError(kept["message"], kept["hint"], **kept["values"])


def waits_for(draft: Draft) -> str:
    """What a person must do before the file is read: "consent", "columns", or nothing."""
    return str(json.loads(draft.error)["values"].get("consent", "")) if draft.error else ""


def _read(visit: Visit, identity: str) -> None:
    drafts = visit.world.store.drafts
    draft = drafts.get(visit.user, identity)
    try:
        complete = _read_into(visit, draft)
    except CarnetError as error:
        _keep_trouble(visit, identity, error)
    except Exception:
        _keep_trouble(visit, identity, broken())
        raise
    else:
        _save(visit, identity, reading=complete.id, step=Step.FOLDERS, error="")


def _keep_trouble(visit: Visit, identity: str, error: CarnetError) -> None:
    values = {key: str(value) for key, value in error.values.items()}
    _save(visit, identity, error=json.dumps({"message": error.message, "hint": error.hint, "values": values}))


def _save(visit: Visit, identity: str, **changes: str) -> None:
    """Change the draft, unless it was cancelled meanwhile."""
    try:
        draft = visit.world.store.drafts.get(visit.user, identity)
    except NotFound:
        return
    visit.world.store.drafts.save(replace(draft, **changes))  # type: ignore[arg-type]  # fields by name


def _live_reading(visit: Visit, draft: Draft) -> str:
    """The reading of the connected mailbox that the draft will be made of."""
    if not draft.source.startswith(LIVE):
        return ""
    return connection_of(visit.world, user=visit.user, source=draft.source).reading


def _read_into(visit: Visit, draft: Draft) -> Reading:
    if draft.source.startswith(LIVE):
        return fork(visit.world, bring_up_to_date(visit, connection_of(visit.world, user=visit.user, source=draft.source)))
    path = Path(draft.source)
    mailbox = visit.app.open_mailbox(path, options(visit, draft), name=draft.name)
    try:
        if COLUMNS not in draft.consents and any(not column.field for column in mailbox.columns()):
            raise CarnetError("Some columns are not known.", "Say what they hold.", consent=COLUMNS)
        known = draft.reading or _begin(visit, draft, mailbox)
        return read(visit.world, mailbox, user=visit.user, source=draft.source, digest=digest(path), reading=known)
    finally:
        mailbox.close()


def bring_up_to_date(visit: Visit, connection: Connection) -> Connection:
    """The connection, its reading brought to where the mailbox is now."""
    mailbox = visit.app.open_connection(connection)
    try:
        return refresh(visit.world, connection, mailbox)
    finally:
        mailbox.close()


def _begin(visit: Visit, draft: Draft, mailbox: Mailbox) -> str:
    """Start a reading whose id the draft knows, so that it can go on after a restart."""
    begun = Reading(
        id=visit.world.ids.token(),
        user=visit.user,
        identity=mailbox.identity(),
        source=draft.source,
        digest=digest(Path(draft.source)),
        read_at=visit.world.clock.now(),
        complete=False,
        folders=mailbox.folders(),
    )
    visit.world.store.readings.start(begun)
    _save(visit, draft.id, reading=begun.id)
    return begun.id
