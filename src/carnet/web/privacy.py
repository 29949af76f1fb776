"""What is kept about runs and about people, and how is it forgotten?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.retaining import kept_until
from carnet.flows.person import find_person
from carnet.flows.retain import forget_run
from carnet.web.door import Form, Known, go, text
from carnet.words.person import sections

router = APIRouter()


@router.get("/runs/{number}/forget")
def ask(visit: Known, number: int) -> HTMLResponse:
    """What goes and what stays, before a run is forgotten."""
    run = visit.world.store.runs.get(visit.user, number)
    return visit.page(
        "forget.html",
        run=run,
        kept_until=kept_until(run, visit.world.policy),
        undos=len(visit.world.store.erasing.undoing(number)),
    )


@router.post("/runs/{number}/forget")
def forget(visit: Known, number: int, form: Form) -> Response:
    """Forget what the run wrote and replaced."""
    if text(form, "go") != "forget":
        return go(f"/runs/{number}")
    erased = forget_run(visit.world, user=visit.user, number=number)
    return go(f"/runs/{number}", said="forgotten" if erased.clean else "forgotten_in_use")


@router.get("/person")
def person(visit: Known, address: str = "") -> HTMLResponse:
    """All that is held about whoever has that address or that name."""
    held = find_person(visit.world, user=visit.user, sought=address)
    return visit.page("person.html", address=address.strip(), held=held, sections=sections(visit.words, held))
