"""Does every request and reply of Microsoft Graph fit its owner's contract?

What lies outside the contract's slice has a small schema of ours that names its page of Microsoft's documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, reduce
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from carnet.testing.emulators.server import Exchange
from shared_data import shared

PREFIX = "/v1.0"
DOCUMENTED = "https://learn.microsoft.com/graph/"
Schema = dict[str, Any]

_EXTENDED = "singleValueExtendedProperties"
_ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["code", "message"]}},
}
_PART: Schema = {
    "type": "object",
    "required": ["id", "method", "url"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "method": {"enum": ["GET", "POST", "PATCH", "DELETE"]},
        "url": {"type": "string", "pattern": "^/"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {"type": "object"},
        "dependsOn": {"type": "array", "items": {"type": "string"}},
    },
}
_PHOTO: Schema = {
    "type": "object",
    "required": ["@odata.mediaEtag", "id"],
    "properties": {"id": {"type": "string"}, "height": {"type": "integer"}, "width": {"type": "integer"}},
}
_COLOUR: Schema = {"type": "string", "pattern": "^(none|preset([0-9]|1[0-9]|2[0-4]))$"}
_CATEGORY: Schema = {
    "type": "object",
    "required": ["id", "displayName", "color"],
    "properties": {"id": {"type": "string"}, "displayName": {"type": "string"}, "color": _COLOUR},
}
_ID_TYPES = ["entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId"]
OURS: Mapping[tuple[str, str], tuple[str, Schema, Schema]] = {
    ("POST", "/$batch"): (
        f"{DOCUMENTED}json-batching",
        {
            "type": "object",
            "required": ["requests"],
            "additionalProperties": False,
            "properties": {"requests": {"type": "array", "minItems": 1, "maxItems": 20, "items": _PART}},
        },
        {
            "type": "object",
            "required": ["responses"],
            "properties": {"responses": {"type": "array", "items": {"type": "object", "required": ["id", "status"]}}},
        },
    ),
    ("GET", "/me"): (
        f"{DOCUMENTED}api/user-get",
        {},
        {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "mail": {"type": ["string", "null"]},
                "userPrincipalName": {"type": "string"},
                "displayName": {"type": ["string", "null"]},
                "proxyAddresses": {"type": "array", "items": {"type": "string"}},
            },
        },
    ),
    ("GET", "/me/contacts/{id}/photo"): (f"{DOCUMENTED}api/profilephoto-get", {}, _PHOTO),
    ("GET", "/me/contactFolders/{id}/contacts/{id2}/photo"): (f"{DOCUMENTED}api/profilephoto-get", {}, _PHOTO),
    ("GET", "/me/contacts/{id}/photo/$value"): (f"{DOCUMENTED}api/profilephoto-get", {}, {}),
    ("GET", "/me/contactFolders/{id}/contacts/{id2}/photo/$value"): (f"{DOCUMENTED}api/profilephoto-get", {}, {}),
    ("PATCH", "/me/outlook/masterCategories/{id}"): (
        f"{DOCUMENTED}api/outlookcategory-update",
        {"type": "object", "additionalProperties": False, "properties": {"color": _COLOUR}},
        _CATEGORY,
    ),
    ("DELETE", "/me/outlook/masterCategories/{id}"): (f"{DOCUMENTED}api/outlookcategory-delete", {}, {}),
    ("POST", "/me/translateExchangeIds"): (
        f"{DOCUMENTED}api/user-translateexchangeids",
        {
            "type": "object",
            "required": ["inputIds", "targetIdType", "sourceIdType"],
            "additionalProperties": False,
            "properties": {
                "inputIds": {"type": "array", "maxItems": 1000, "items": {"type": "string"}},
                "sourceIdType": {"enum": _ID_TYPES},
                "targetIdType": {"enum": _ID_TYPES},
            },
        },
        {
            "type": "object",
            "required": ["value"],
            "properties": {"value": {"type": "array", "items": {"type": "object", "required": ["sourceId", "targetId"]}}},
        },
    ),
}
"""(method, path) → the page that documents it, the schema of what is sent, and of what comes back."""


@cache
def contract() -> Schema:
    """The owner's contract, as JSON Schema understands it."""
    said: Schema = _nullable(json.loads(shared("contracts", "graph-slice.openapi.json").read_text(encoding="utf-8")))
    schemas = said["components"]["schemas"]
    made = schemas["microsoft.graph.contact-create"]["properties"]
    # a change takes them too, as the page on single-value extended properties says; the slice has them for a create alone
    schemas["microsoft.graph.contact-update"]["properties"][_EXTENDED] = made[_EXTENDED]
    return said


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    return sorted(((_pattern(path), path) for path in contract()["paths"]), key=lambda each: each[1].count("{"))


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path)) + "(\\(\\))?")


def operation(method: str, path: str) -> tuple[str, str] | None:
    """The (method, path of the contract) of a request, None where neither the contract nor we describe it."""
    mine = re.sub("^/users/[^/]+", "/me", path)
    for verb, ours in OURS:
        if verb == method and _pattern(ours).fullmatch(mine):
            return verb, ours
    for pattern, name in _paths():
        if (pattern.fullmatch(path) or pattern.fullmatch(mine)) and method.lower() in contract()["paths"][name]:
            return method, name
    return None


def check(exchange: Exchange) -> None:
    """Raise AssertionError where the request or a successful reply does not fit."""
    asked, said = exchange.asked, exchange.said
    path = asked.path.removeprefix(PREFIX)
    found = operation(asked.method, path)
    refused = said.status >= 400
    assert found or refused, f"{asked.method} {path} is in no contract"
    if refused:
        _fits(_ERROR, json.loads(said.body), "reply")
    if found is None:
        return
    if found in OURS:
        _, sent, replied = OURS[found]
        if asked.body:
            _fits(sent, json.loads(asked.body), "request")
        if found[1].endswith("/$value") and not refused:
            assert said.headers["content-type"].startswith("image/")
        elif said.body and not refused:
            _fits(replied, json.loads(said.body), "reply")
        return
    _check_contract(exchange, found, refused=refused)


def _check_contract(exchange: Exchange, found: tuple[str, str], *, refused: bool) -> None:
    method, name = found
    node = contract()["paths"][name][method.lower()]
    asked, said = exchange.asked, exchange.said
    given = dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True))
    if not refused:
        _check_query(_options(name, method), given)
    if asked.body:
        schema = node["requestBody"]["content"]["application/json"]["schema"]
        _fits(_closed(schema), json.loads(asked.body), "request")
    if not refused and said.body:
        schema = _reply(node, said.status) or _reply(contract()["paths"][name]["get"], 200)
        assert schema, f"{method} {name} has no schema for {said.status}"
        _fits(schema, json.loads(said.body), "reply")


def _options(name: str, method: str) -> dict[str, Schema]:
    """What may be asked for, by name; the page on delta queries has `$select` too, which a function's parameters leave out."""
    found = {each["name"]: each["schema"] for each in _parameters(name, method) if each["in"] == "query"}
    if name.endswith("/delta"):
        found["$select"] = _options(name.removesuffix("/delta"), method)["$select"]
    if "$expand" in found:
        found["$expand"] = {"type": "string"}  # it may carry a filter, which the slice does not foresee
    return found | {"$skiptoken": {"type": "string"}, "$deltatoken": {"type": "string"}}


def _check_query(options: Mapping[str, Schema], given: Mapping[str, str]) -> None:
    assert given.keys() <= options.keys(), f"unknown query options {given.keys() - options.keys()}"
    for name, text in given.items():
        value: object = text
        if options[name].get("type") == "array":
            value = text.split(",")
        elif options[name].get("type") in {"integer", "boolean"}:
            value = json.loads(text)
        _fits(options[name], value, name)


def _reply(node: Schema, status: int) -> Schema | None:
    """The schema of that answer; a change answers with the record, of which the contract tells with the reading of it alone."""
    answer = node["responses"].get(str(status)) or node["responses"].get("2XX") or {}
    found: Schema | None = answer.get("content", {}).get("application/json", {}).get("schema")
    return found


def _parameters(name: str, method: str) -> list[Schema]:
    item = contract()["paths"][name]
    return [_resolved(each) for each in (*item.get("parameters", ()), *item[method.lower()].get("parameters", ()))]


def _resolved(node: Schema) -> Schema:
    while "$ref" in node:
        path = str(node["$ref"]).removeprefix("#/").split("/")
        node = reduce(dict.__getitem__, path, contract())
    return node


def _closed(schema: Schema) -> Schema:
    """The schema of what is written, which takes no name that the contract does not have."""
    names = _names(schema)
    return {"allOf": [_without_required(schema), {"propertyNames": {"enum": sorted(names)}}]}


def _without_required(schema: Schema) -> Schema:
    """A change need not name everything; the service itself makes the id."""
    flat = {name: value for name, value in _properties(schema).items() if name != "id"}
    return {"type": "object", "properties": flat}


def _names(schema: Schema) -> set[str]:
    return {*_properties(schema), "@odata.type"}


def _properties(schema: Schema) -> dict[str, Any]:
    node = _resolved(schema)
    found: dict[str, Any] = {}
    for each in node.get("allOf", ()):
        found |= _properties(each)
    return {**found, **node.get("properties", {})}


def _fits(schema: Schema, value: object, what: str) -> None:
    whole = {**schema, "components": contract()["components"]}
    errors = [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in Draft202012Validator(whole).iter_errors(value)
    ]
    assert not errors, f"{what}: {errors[:3]}"


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0 says "nullable" where JSON Schema says that null is one more type; beside `anyOf` a checker would skip it."""
    if isinstance(node, list):
        return [_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _nullable(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain
