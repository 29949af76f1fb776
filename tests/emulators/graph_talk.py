"""How does a test talk to the emulator of Microsoft Graph?"""

from __future__ import annotations

import json
from typing import Any

from carnet.transport.calls import Answer, Call
from carnet.transport.client import Client

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
JSON = {"Content-Type": "application/json"}


def get(client: Client, url: str, **headers: str) -> Answer:
    prefer = ", ".join(filter(None, (IMMUTABLE["Prefer"], headers.pop("Prefer", ""))))
    return client.send(Call(method="GET", url=url, headers={"Prefer": prefer, **headers}))


def send(client: Client, method: str, url: str, /, *body: Any, **headers: str) -> Answer:
    content = b"" if not body or body[0] is None else json.dumps(body[0]).encode()
    return client.send(Call(method=method, url=url, headers={**JSON, **IMMUTABLE, **headers}, body=content))


def code(answer: Answer) -> str:
    said: str = answer.json()["error"]["code"]
    return said


def first(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = get(client, "me/contacts?$top=1").json()["value"][0]
    return found


def batch(client: Client, parts: list[dict[str, Any]]) -> Answer:
    return client.send(Call(method="POST", url="$batch", headers=JSON, body=json.dumps({"requests": parts}).encode(), slots=4))


def part(number: int | str, method: str = "GET", url: str = "/me/contacts?$top=1", **more: Any) -> dict[str, Any]:
    return {"id": str(number), "method": method, "url": url, **more}
