"""Which way does each field go between Outlook and the CRM, and how does the administrator change it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.bootstrap.governing import govern
from carnet.errors import Refused
from carnet.flows.administer import administers
from carnet.model.direction import FIELDS_OF_ROW, ONLY_WITH_THREE, SETTABLE, Addresses, Direction
from carnet.web.door import Form, Known, Visit, go, text
from carnet.words.directions import ADDRESSES, DIRECTIONS, RISK, row_label

router = APIRouter(prefix="/fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row of the page: `only_with_three` rows have no counterpart while one address is copied."""

    key: str
    label: str
    columns: str
    direction: Direction
    settable: bool
    only_with_three: bool


@router.get("")
def fields(visit: Known) -> HTMLResponse:
    """Every row with its direction; everybody may look."""
    policy = visit.world.policy
    return _page(visit, directions=policy.directions, addresses=policy.addresses)


@router.post("")
def change(visit: Known, form: Form) -> Response:
    """Lay down the directions; turning to three addresses is asked once more, with what can be lost."""
    sent = {row: text(form, f"row:{row}") for row in SETTABLE}
    directions = {row: Direction(value) for row, value in sent.items() if value in set(Direction)}
    wanted = text(form, "addresses")
    before = visit.world.policy.addresses
    addresses = Addresses(wanted) if wanted in set(Addresses) else before
    if addresses is Addresses.THREE and before is not Addresses.THREE and "sure" not in form and administers(visit.world):
        return _page(visit, directions=directions, addresses=addresses, ask=True)
    try:
        visit.door.app = govern(visit.app, directions=directions, addresses=addresses)
    except Refused as error:
        return _page(visit, directions=visit.world.policy.directions, addresses=before, refused=error)
    return go("/fields", said="saved")


def _page(
    visit: Visit, *, directions: Mapping[str, Direction], addresses: Addresses, ask: bool = False, refused: Refused | None = None
) -> HTMLResponse:
    words = visit.words
    rows = tuple(
        Shown(
            key=row,
            label=row_label(words, row),
            columns=", ".join(field.crm for field in found),
            direction=directions.get(row, Direction.BOTH),
            settable=row in SETTABLE,
            only_with_three=row in ONLY_WITH_THREE,
        )
        for row, found in FIELDS_OF_ROW.items()
    )
    return visit.page(
        "fields.html",
        status=409 if ask or refused else 200,
        rows=rows,
        addresses=addresses,
        one=addresses is not Addresses.THREE,
        may=administers(visit.world),
        ask=ask,
        risk=words.t(RISK),
        refused=refused,
        direction_labels={each: words.t(name) for each, name in DIRECTIONS.items()},
        address_labels={each: words.t(name) for each, name in ADDRESSES.items()},
    )
