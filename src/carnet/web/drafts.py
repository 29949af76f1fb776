"""How does a draft move on, and how does it go without leaving anything behind?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends

from carnet.flows import close as flows
from carnet.model.choices import Choices
from carnet.model.draft import Draft
from carnet.web.door import Known, Visit

UPLOADS_LAST = timedelta(hours=24)


def step_path(draft: Draft) -> str:
    """The page on which a draft was left."""
    return f"/wizard/{draft.id}/{draft.step}"


def find(visit: Known, draft: str) -> Draft:
    """The draft of the address, or NotFound."""
    return visit.world.store.drafts.get(visit.user, draft)


Drafted = Annotated[Draft, Depends(find)]


def change(visit: Visit, draft: Draft, **changes: Any) -> Draft:  # noqa: ANN401 - fields of a draft by name
    """The draft with those fields, kept."""
    changed = replace(draft, **changes)
    visit.world.store.drafts.save(changed)
    return changed


def choose(visit: Visit, draft: Draft, **choices: Any) -> Draft:  # noqa: ANN401 - fields of choices by name
    """The draft with those choices, kept."""
    changed: Choices = replace(draft.choices, **choices)
    return change(visit, draft, choices=changed)


def cancel(visit: Visit, draft: Draft) -> None:
    """Forget a draft, its plan, its reading and its upload (W22)."""
    flows.cancel(visit.world, user=visit.user, draft=draft.id)
    forget_upload(draft)


def close(visit: Visit, number: int) -> None:
    """Close a run's summary: its draft and upload go, and of its reading all but what waits for a decision (W40)."""
    flows.close(visit.world, user=visit.user, number=number)
    for draft in visit.world.store.drafts.all(visit.user):
        if draft.run == number:
            forget_upload(draft)
            visit.world.store.drafts.delete(visit.user, draft.id)


def forget_upload(draft: Draft) -> None:
    """Delete the uploaded file; a file that the person named by its path is theirs and stays."""
    if draft.upload and draft.source:
        Path(draft.source).unlink(missing_ok=True)


def forget_old_uploads(visit: Visit) -> None:
    """Delete uploads older than 24 hours, whatever became of their drafts."""
    uploads = visit.app.settings.uploads
    if not uploads.is_dir():
        return
    now = visit.world.clock.now()
    for path in uploads.iterdir():
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > UPLOADS_LAST:
            path.unlink(missing_ok=True)
