"""How does a test talk to the emulator of Dataverse?"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from carnet.transport.calls import Answer, Call
from carnet.transport.client import Client

JSON = {"Content-Type": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0", "Accept": "application/json"}
TRACK = {"Prefer": "odata.track-changes"}
CONTACT = "Microsoft.Dynamics.CRM.contact"


def get(client: Client, url: str, **headers: str) -> Answer:
    address, _, query = url.partition("?")
    asked = url if url.startswith("http") else f"{address}?{quote(query, safe='=&$')}" if query else address
    return client.send(Call(method="GET", url=asked, headers={**JSON, **headers}))


def send(client: Client, method: str, url: str, /, *body: Any, **headers: str) -> Answer:
    content = b"" if not body or body[0] is None else json.dumps(body[0]).encode()
    return client.send(Call(method=method, url=url, headers={**JSON, **headers}, body=content))


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["error"]["code"]


def names(client: Client, query: str = "", table: str = "contacts") -> list[str]:
    column = "fullname" if table == "contacts" else "name"
    answer = get(client, f"{table}?$select={column}{query and '&'}{query}")
    return sorted(str(row[column]) for row in answer.json()["value"])


def rows(client: Client, table: str = "contacts") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(client, table).json()["value"]
    return found


def made(answer: Answer) -> str:
    assert answer.status == 204
    return answer.headers["odata-entityid"].rpartition("(")[2].rstrip(")")


def bulk(client: Client, message: str, *targets: dict[str, Any]) -> Answer:
    body = {"Targets": [{"@odata.type": CONTACT, **each} for each in targets]}
    return send(client, "POST", f"contacts/Microsoft.Dynamics.CRM.{message}", body)


def part(method: str, url: str, body: object = None, *, content_id: int = 0, **headers: str) -> str:
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    head += [f"Content-ID: {content_id}"] if content_id else []
    inner = [f"{method} {url} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    inner += [] if body is None else ["Content-Type: application/json"]
    return "\r\n".join([*head, "", *inner, "", "" if body is None else json.dumps(body), ""])


def change_set(*parts: str) -> str:
    text = "".join(f"--changes\r\n{each}\r\n" for each in parts)
    return f"Content-Type: multipart/mixed; boundary=changes\r\n\r\n{text}--changes--\r\n"


def batch(client: Client, *parts: str, **headers: str) -> Answer:
    text = "".join(f"--b\r\n{each}\r\n" for each in parts) + "--b--\r\n"
    sent = {**JSON, **headers, "Content-Type": "multipart/mixed; boundary=b"}
    return client.send(Call(method="POST", url="$batch", headers=sent, body=text.encode()))


def statuses(answer: Answer) -> list[int]:
    return [int(status) for status in re.findall(r"HTTP/1\.1 (\d+)", answer.body.decode())]
