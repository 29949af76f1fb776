"""How does Microsoft Graph take many requests in one?"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.emulators.server import asked_of, said_json

PARTS, AT_ONCE = 20, 4
"""Parts in a batch, and parts that Outlook runs at the same time."""
_FAILED = 400
_JSON = "application/json"


def parts_of(asked: Asked) -> list[dict[str, Any]]:
    """The parts of a batch, none where it is not well formed."""
    try:
        found = json.loads(asked.body)["requests"]
    except (ValueError, KeyError, TypeError):
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def refused(asked: Asked) -> Said | None:
    """The refusal of the whole batch, None where its parts may be run."""
    parts = parts_of(asked)
    ids = [str(part.get("id", "")).lower() for part in parts]
    if not 0 < len(parts) <= PARTS:
        return said_json(400, {"error": {"code": "MaximumValueExceeded", "message": f"Number of requests exceeds {PARTS}."}})
    if len(set(ids)) != len(ids) or "" in ids:
        return said_json(400, {"error": {"code": "BadRequest", "message": "The ids of the requests must be unique."}})
    if not _is_in_one_order(parts, ids):
        text = "The requests must depend each on the one before it, or none of them on any."
        return said_json(400, {"error": {"code": "BadRequest", "message": text}})
    return None


def _is_in_one_order(parts: list[dict[str, Any]], ids: list[str]) -> bool:
    """A batch is done all one after the other, or all at once."""
    waits = [[str(each).lower() for each in part.get("dependsOn") or ()] for part in parts]
    return not any(waits) or waits == [[], *([each] for each in ids[:-1])]


def run(asked: Asked, version: str, serve: Callable[[Asked], Said]) -> list[dict[str, Any]]:
    """The answers to the parts, the last one first: no order is promised. `serve` answers one part."""
    statuses: dict[str, int] = {}
    answers = []
    for part in parts_of(asked):
        said = _part(part, statuses) or serve(_request(asked, version, part))
        statuses[str(part["id"]).lower()] = said.status
        answer = {"id": part["id"], "status": said.status, "headers": _headers(said)}
        answers.append(answer | ({"body": _body(said)} if said.body else {}))
    return answers[::-1]


def rounds(asked: Asked) -> int:
    """How many times the parts have to wait for each other: four run at once."""
    return -(-len(parts_of(asked)) // AT_ONCE)


def _part(part: Mapping[str, Any], statuses: Mapping[str, int]) -> Said | None:
    """What a part is told that is not run."""
    if any(statuses.get(str(each).lower(), _FAILED) >= _FAILED for each in part.get("dependsOn") or ()):
        return said_json(424, {"error": {"code": "FailedDependency", "message": "A request it depends on has failed."}})
    names = {name.lower() for name in part.get("headers") or {}}
    if part.get("body") is not None and "content-type" not in names:
        return said_json(400, {"error": {"code": "BadRequest", "message": "A body needs a Content-Type header."}})
    return None


def _request(asked: Asked, version: str, part: Mapping[str, Any]) -> Asked:
    body = part.get("body")
    content = b"" if body is None else json.dumps(body).encode()
    return asked_of(
        str(part.get("method", "")).upper(),
        version + "/" + str(part.get("url", "")).lstrip("/"),
        headers={name.lower(): str(value) for name, value in (part.get("headers") or {}).items()},
        body=content,
        user=asked.user,
        part=True,
    )


def _headers(said: Said) -> dict[str, str]:
    """As the service spells them in a batch."""
    return {"-".join(word.capitalize() for word in name.split("-")): value for name, value in said.headers.items()}


def _body(said: Said) -> object:
    """JSON as it is, and bytes as base64."""
    if _JSON in {value.partition(";")[0] for value in said.headers.values()}:
        return json.loads(said.body)
    return base64.b64encode(said.body).decode()
