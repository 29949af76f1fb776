"""What changed in a folder since a token, as Microsoft Graph tells it?"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.graph_mailbox import Item, resource
from carnet.testing.emulators.graph_turn import DEFAULT_PAGE, Refusal, Turn, selected
from carnet.testing.emulators.server import said_json

REFUSED = ("$top", "$filter", "$orderby", "$expand", "$search", "$skip")
_GONE = 410


def delta(turn: Turn) -> Said:
    """One page of the changes, and the link to the next one or to later changes.

    A token says since which change (`s`; 0: all that is there), up to which (`u`), and where in between the next page
    begins (`o`); the generation (`g`) and the folder (`f`) that it is good for; what was selected (`q`).
    """
    query = turn.asked.query
    if wrong := [name for name in REFUSED if name in query]:
        text = f"{wrong[0]}: parameters are not supported with change tracking over the 'Contacts' resource."
        raise Refusal(400, "ErrorInvalidUrlQuery", text)
    state = _state(turn, query.get("$skiptoken") or query.get("$deltatoken") or "")
    if "$deltatoken" in query:
        state |= {"s": state["u"], "u": turn.mailbox.tick, "o": 0}
    left = [row for row in _changes(turn, state) if row[0] > state["o"]]
    page = left[: min(turn.preferred_size or DEFAULT_PAGE, turn.service.largest_page)]
    more = len(page) < len(left)
    after = {**state, "o": page[-1][0] if page else state["o"]}
    link, name = ("@odata.nextLink", "$skiptoken") if more else ("@odata.deltaLink", "$deltatoken")
    rows = turn.service.faults.rows(turn.asked, [_row(turn, what, str(state["q"])) for _, what in page])
    return said_json(200, {"value": rows, link: f"{turn.service.address(turn.asked)}?{name}={_sealed(after)}"})


def _row(turn: Turn, what: Item | str, select: str) -> dict[str, Any]:
    """A contact that is there, or the id of one that was."""
    if isinstance(what, str):
        return {"id": what, "@removed": {"reason": "deleted"}}
    return selected(resource(what, immutable=turn.is_immutable), select)


def _state(turn: Turn, token: str) -> dict[str, Any]:
    mailbox, folder = turn.mailbox, turn.folder().id
    if not token:
        select = turn.asked.query.get("$select", "")
        return {"s": 0, "u": mailbox.tick, "o": 0, "g": mailbox.generation, "f": folder, "q": select}
    state = _opened(token)
    if state["g"] != mailbox.generation or state["f"] != folder:
        status, code = turn.service.resync
        place = {"Location": turn.service.address(turn.asked)} if status == _GONE else {}
        raise Refusal(status, code, "The sync state generation is not found.", **place)
    return state


def _changes(turn: Turn, state: Mapping[str, Any]) -> list[tuple[int, Item | str]]:
    """What changed in the folder after `s` and up to `u`, by the number of the change; at the first time, all that is there."""
    since, until, folder, mailbox = state["s"], state["u"], state["f"], turn.mailbox
    items = mailbox.visible(folder)
    if not since:
        return [(item.number, item) for item in items]
    rows: list[tuple[int, Item | str]] = [(item.changed, item) for item in items if since < item.changed <= until]
    rows += [
        (at, mailbox.former_id(identity, place, immutable=turn.is_immutable))
        for (place, identity), at in mailbox.removed.items()
        if place == folder and since < at <= until
    ]
    return sorted(rows, key=lambda each: each[0])


def _sealed(state: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def _opened(token: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return {**state, "s": int(state["s"]), "u": int(state["u"]), "o": int(state["o"])}
    except (ValueError, KeyError, TypeError):
        raise Refusal(400, "ErrorInvalidUrlQuery", "Badly formed token.") from None
