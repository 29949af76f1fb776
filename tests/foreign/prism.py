"""How does Prism, a referee nobody here wrote, come to stand between a client and an emulator of Microsoft Graph?"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gates.graph_gate import OURS
from shared_data import present, shared

HERE = Path(__file__).parent
VERSION = "/v1.0"
PATIENCE = 120.0
_NAVIGATION = {"extensions", "photo", "multiValueExtendedProperties", "childFolders", "contacts"}
_KEY = re.compile(r"{(\w+)}")
Schema = dict[str, Any]


def rules() -> Schema:
    """Microsoft's contract for contacts as Prism can hold it, and what lies outside the slice as the gate has it.

    Mended: a change answers with the contact, and takes extended properties; `$expand` may carry a filter; nobody who creates a contact knows its id; what
    leads from type to type is cut, else Prism finds it too complex to check, and then checks nothing.
    """
    spec: Schema = json.loads(shared("contracts", "graph-slice.openapi.json").read_text(encoding="utf-8"))
    paths = {path: node for path, node in spec["paths"].items() if "contact" in path.lower() or "masterCategories" in path}
    for (method, path), (page, *both) in OURS.items():
        if not path.endswith("/$value"):
            keys = [{"name": key, "in": "path", "required": True, "schema": {"type": "string"}} for key in _KEY.findall(path)]
            paths[path] = {"parameters": keys, **paths.get(path, {}), **_ours(method, page, both)}
    for node in paths.values():
        for operation in (each for name, each in node.items() if name != "parameters"):
            _mend(operation)
    contact = {"$ref": "#/components/schemas/microsoft.graph.contact"}
    for path, node in paths.items():
        if "patch" in node and "/contacts/" in path:
            node["patch"]["responses"]["200"] = {"description": "Changed", "content": {"application/json": {"schema": contact}}}
    schemas = spec["components"]["schemas"]
    extended = "singleValueExtendedProperties"
    made = schemas["microsoft.graph.contact-create"]["properties"][extended]
    schemas["microsoft.graph.contact-update"]["properties"][extended] = made
    for name, schema in schemas.items():
        schema["properties"] = {key: value for key, value in schema.get("properties", {}).items() if _kept(key)}
        if name.endswith(("-create", "-update")):
            schema.pop("required", None)
    return {**spec, "servers": [], "paths": {f"{VERSION}{path}": node for path, node in paths.items()}}


def _kept(name: str) -> bool:
    return name.partition("@")[0] not in _NAVIGATION


def _mend(operation: Schema) -> None:
    for each in operation.get("parameters", ()):
        if each.get("name") == "$expand":
            each["schema"] = {"type": "string"}
            each.pop("explode", None)


def _ours(method: str, page: str, schemas: list[Schema]) -> Schema:
    sent, replied = (_of_openapi(each) for each in schemas)
    body = {"required": True, "content": {"application/json": {"schema": sent}}}
    answer = {"description": page, "content": {"application/json": {"schema": replied}}}
    problem = {"$ref": "#/components/responses/error"}
    return {
        method.lower(): {"responses": {"200": answer, "204": {"description": "Done"}, "4XX": problem}}
        | ({"requestBody": body} if sent else {})
    }


def _of_openapi(node: Any) -> Any:
    """JSON Schema has "null" as a type, OpenAPI 3.0 has "nullable"."""
    if isinstance(node, list):
        return [_of_openapi(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _of_openapi(value) for key, value in node.items()}
    if isinstance(kinds := plain.get("type"), list):
        (plain["type"],) = [kind for kind in kinds if kind != "null"]
        plain["nullable"] = True
    return plain


@contextmanager
def referee(upstream: str, folder: Path) -> Iterator[str]:
    """The address of Prism before `upstream`: what breaks the contract, in either direction, is refused."""
    program = present(HERE / "node_modules" / ".bin" / "prism", "run make foreign")
    node = shutil.which("node")
    assert node is not None
    contract = folder / "contract.json"
    contract.write_text(json.dumps(rules()), encoding="utf-8")
    port = _free_port()
    told = folder / "prism.log"
    with told.open("wb") as log:
        command = [node, str(program), "proxy", str(contract), upstream, "--errors", "--port", str(port), "--host", "127.0.0.1"]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, port, told)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, told: Path) -> None:
    """Until it answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as each:
            each.settimeout(1)
            if each.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(told.read_text(encoding="utf-8", errors="replace"))
