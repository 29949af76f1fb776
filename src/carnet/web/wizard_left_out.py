"""What of a file stays out or was mended, a page at a time?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from carnet.errors import NotFound
from carnet.model.reading import Reading
from carnet.web.door import Known
from carnet.web.drafts import Drafted
from carnet.web.paging import turn
from carnet.web.run_lists import Line, said
from carnet.words import Words, msgid
from carnet.words.reasons import place, repair

router = APIRouter(prefix="/wizard/{draft}/out")
TITLES = {
    "lists": msgid("Contact groups that are not added"),
    "skipped": msgid("Records that could not be read"),
    "repairs": msgid("Details that were mended or left open"),
}


@router.get("/{which}")
def show(visit: Known, draft: Drafted, which: str, *, q: str = "", page: int = 1) -> HTMLResponse:
    """One list of what the page of the folders counts, searched and turned."""
    if which not in TITLES or not draft.reading:
        raise NotFound("There is no such page.", "Go back to the start.")
    lines = _lines(visit.words, visit.world.store.readings.get(visit.user, draft.reading), which)
    return visit.page(
        "run_list.html",
        title=visit.words.t(TITLES[which]),
        base=f"/wizard/{draft.id}/out/{which}",
        asked={"state": ""},
        leaf=turn(lines, said, query=q, page=page),
        back=f"/wizard/{draft.id}/folders",
    )


def _lines(words: Words, read: Reading, which: str) -> list[Line]:
    if which == "lists":
        return [Line(name=each.name) for each in read.lists]
    if which == "skipped":
        return [Line(name=place(words, each.place), remark=words.t(each.reason)) for each in read.skipped]
    return [Line(name=place(words, each.place), remark=repair(words, each)) for each in read.repairs]
