"""Does every request and reply of Dataverse fit its owner's contract?

What lies outside the contract's slice has a small schema of ours that names its page of Microsoft's documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

from carnet.testing.emulators.faults import Asked, Said
from carnet.testing.emulators.server import Exchange
from gates.dataverse_contract import DOCUMENTED, Entity, contract, named, require_value

PREFIX = "/api/data/v9.2"
Schema = dict[str, Any]
Operation = tuple[str, str]

_CRM = "Microsoft.Dynamics.CRM"
_KEY = r"\((?P<key>[^)]+)\)"
_SET = r"/(?P<set>[a-z]+)"
_LINK, _COLUMN_NAME = r"/(?P<link>[A-Za-z_]\w*)", r"/(?P<column>[A-Za-z_]\w*)"
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_FLAG: Schema = {"type": ["boolean", "null"]}
_ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string", "pattern": "^0x[0-9a-fA-F]{8}$"}, "message": _TEXT},
        }
    },
}
_TARGETS: Schema = {
    "type": "object",
    "required": ["Targets"],
    "additionalProperties": False,
    "properties": {"Targets": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["@odata.type"]}}},
}
_NOTHING: Schema = {"not": {}}
"""The answer is a 204 that says nothing: an upsert does not tell which rows it has created."""
_REFERENCE: Schema = {
    "type": "object",
    "required": ["@odata.id"],
    "additionalProperties": False,
    "properties": {"@odata.id": _TEXT},
}
_TABLE: Schema = {
    "type": "object",
    "required": ["MetadataId"],
    "properties": {
        "@odata.context": _TEXT,
        "MetadataId": _ID,
        "LogicalName": _TEXT,
        "EntitySetName": _TEXT,
        "PrimaryIdAttribute": _TEXT,
        "ChangeTrackingEnabled": _FLAG,
        "IsOptimisticConcurrencyEnabled": _FLAG,
        "IsDuplicateDetectionEnabled": {"type": "object", "required": ["Value"], "properties": {"Value": {"type": "boolean"}}},
    },
}
_COLUMN: Schema = {
    "type": "object",
    "required": ["MetadataId"],
    "properties": {
        "MetadataId": _ID,
        "LogicalName": _TEXT,
        "MaxLength": {"type": ["integer", "null"]},
        "FormatName": {"type": ["object", "null"], "required": ["Value"]},
    },
}
_PRIVILEGE: Schema = {
    "type": "object",
    "required": ["Depth", "PrivilegeId", "BusinessUnitId"],
    "properties": {
        "Depth": {"enum": ["Basic", "Local", "Deep", "Global", "RecordFilter"]},
        "PrivilegeId": _ID,
        "BusinessUnitId": _ID,
        "PrivilegeName": _TEXT,
    },
}


def _list(of: Schema, name: str = "value") -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": of}}}


_METADATA = f"{DOCUMENTED}webapi/query-metadata-web-api"
_BULK = f"{DOCUMENTED}bulk-operations"
_VALUE: Schema = {
    "type": "object",
    "required": ["value"],
    "additionalProperties": False,
    "properties": {"value": {"type": ["string", "number", "boolean"]}, "@odata.context": _TEXT},
}
_WHO: Schema = {
    "type": "object",
    "required": ["UserId", "BusinessUnitId", "OrganizationId"],
    "properties": {"UserId": _ID, "BusinessUnitId": _ID, "OrganizationId": _ID},
}
OURS: Mapping[Operation, tuple[str, Schema, Schema]] = {
    ("POST", "/$batch"): (f"{DOCUMENTED}webapi/execute-batch-operations-using-web-api", {}, {}),
    ("GET", "/WhoAmI"): (f"{DOCUMENTED}webapi/reference/whoami", {}, _WHO),
    ("GET", "/EntityDefinitions"): (_METADATA, {}, _list(_TABLE)),
    ("GET", "/EntityDefinitions({key})"): (_METADATA, {}, _TABLE),
    ("GET", "/EntityDefinitions({key})/Attributes"): (_METADATA, {}, _list(_COLUMN)),
    ("GET", "/systemusers({key})/RetrieveUserPrivileges"): (
        f"{DOCUMENTED}webapi/reference/retrieveuserprivileges",
        {},
        _list(_PRIVILEGE, "RolePrivileges"),
    ),
    ("GET", "/RetrieveDuplicates"): (f"{DOCUMENTED}webapi/manage-duplicate-detection-create-update", {}, {}),
    ("POST", "/{set}/CreateMultiple"): (_BULK, _TARGETS, _list(_ID, "Ids")),
    ("POST", "/{set}/UpdateMultiple"): (_BULK, _TARGETS, _NOTHING),
    ("POST", "/{set}/UpsertMultiple"): (f"{DOCUMENTED}webapi/reference/upsertmultiple", _TARGETS, _NOTHING),
    ("GET", "/{set}/$count"): (f"{DOCUMENTED}webapi/query/count-rows", {}, {"type": "integer", "maximum": 5000}),
    ("GET", "/{set}({key})/{column}"): (f"{DOCUMENTED}webapi/retrieve-entity-using-web-api", {}, _VALUE),
    ("PUT", "/{set}({key})/{column}"): (f"{DOCUMENTED}webapi/update-delete-entities-using-web-api", _VALUE, {}),
    ("DELETE", "/{set}({key})/{column}"): (f"{DOCUMENTED}webapi/update-delete-entities-using-web-api", {}, {}),
    ("PUT", "/{set}({key})/{link}/$ref"): (f"{DOCUMENTED}webapi/associate-disassociate-entities-using-web-api", _REFERENCE, {}),
    ("DELETE", "/{set}({key})/{link}/$ref"): (f"{DOCUMENTED}webapi/associate-disassociate-entities-using-web-api", {}, {}),
}
"""(method, path) → the page that documents it, the schema of what is sent, and of what comes back."""
PATHS: tuple[tuple[str, str, frozenset[str]], ...] = (
    (r"/\$batch", "/$batch", frozenset({"POST"})),
    (r"/WhoAmI(?:\(\))?", "/WhoAmI", frozenset({"GET"})),
    (r"/EntityDefinitions", "/EntityDefinitions", frozenset({"GET"})),
    (rf"/EntityDefinitions{_KEY}", "/EntityDefinitions({key})", frozenset({"GET"})),
    (
        rf"/EntityDefinitions{_KEY}/Attributes(?:/{_CRM}\.\w+AttributeMetadata)?",
        "/EntityDefinitions({key})/Attributes",
        frozenset({"GET"}),
    ),
    (
        rf"/systemusers{_KEY}/{_CRM}\.RetrieveUserPrivileges(?:\(\))?",
        "/systemusers({key})/RetrieveUserPrivileges",
        frozenset({"GET"}),
    ),
    (rf"/systemusers{_KEY}/(?P<roles>systemuserroles_association)", "/systemusers({key})/roles", frozenset({"GET"})),
    (r"/RetrieveDuplicates\([^)]*\)", "/RetrieveDuplicates", frozenset({"GET"})),
    (rf"{_SET}/{_CRM}\.(?P<message>(?:Create|Update|Upsert)Multiple)", "/{set}/{message}", frozenset({"POST"})),
    (rf"{_SET}/\$count", "/{set}/$count", frozenset({"GET"})),
    (_SET, "/{set}", frozenset({"GET", "POST"})),
    (_SET + _KEY, "/{set}({key})", frozenset({"GET", "PATCH", "DELETE"})),
    (_SET + _KEY + _LINK, "/{set}({key})/{link}", frozenset({"GET"})),
    (_SET + _KEY + _COLUMN_NAME, "/{set}({key})/{column}", frozenset({"GET", "PUT", "DELETE"})),
    (_SET + _KEY + _LINK + r"/\$ref", "/{set}({key})/{link}/$ref", frozenset({"PUT", "DELETE"})),
)
_OPTIONS = {"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken"}
_PREFERENCES = (
    r"odata\.maxpagesize=\d+",
    r"odata\.track-changes",
    r"odata\.continue-on-error",
    r"return=representation",
    r'odata\.include-annotations="?[\w.*,]+"?',
)
_HEADERS = {
    "if-match": r'\*|W/"\d+"',
    "if-none-match": r'\*|null|W/"\d+"',
    "mscrm.suppressduplicatedetection": "true|false",
    "odata-version": r"4\.0",
    "odata-maxversion": r"4\.0",
}
_WORDS = frozenset({"and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le", "null", "true", "false"})
_FUNCTIONS = frozenset({"contains", "startswith", "endswith", f"{_CRM}.In"})
_REFUSES_ITSELF = frozenset({400, 405, 414})
"""Statuses by which the service itself says that the request is none that it takes."""
_FAILED, _UNAUTHORISED, _CHANGED = 400, 401, 304


def operation(method: str, path: str) -> Operation | None:
    """The (method, template) of a request, None where neither the contract nor we describe it."""
    if (found := _matched(method, path)) is None:
        return None
    template, names = found
    return method, template.replace("{set}", names.get("set", "")).replace("{message}", names.get("message", ""))


def _matched(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The template that a path fits, and its parts."""
    for pattern, template, methods in PATHS:
        if method in methods and (found := re.fullmatch(pattern, path)):
            names = {name: value for name, value in found.groupdict().items() if value}
            entity = contract().get(names.get("set", "contacts"))
            if (
                entity
                and names.get("link", "ownerid") in {*entity.links, "ownerid"}
                and names.get("column", entity.key) in entity.columns
            ):
                return template, names
    return None


def check(exchange: Exchange) -> None:
    """Raise AssertionError where the request or a successful reply does not fit."""
    asked, said = exchange.asked, exchange.said
    path = asked.path.removeprefix(PREFIX)
    found = operation(asked.method, path)
    refused = said.status >= _FAILED
    assert found or refused, f"{asked.method} {path} is in no contract"
    if refused and said.status != _UNAUTHORISED and not path.endswith("$batch"):
        _fits(_ERROR, json.loads(said.body), "reply")
    if found is None or said.status in {*_REFUSES_ITSELF, _UNAUTHORISED}:
        return
    _check_headers(asked)
    template, names = _matched(asked.method, path) or ("", {})
    ours = OURS.get((asked.method, template.replace("{message}", names.get("message", ""))))
    entity = contract().get(names.get("set") or ("roles" if names.get("roles") else ""))
    if entity is not None:
        _check_query(entity, dict(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)), names)
    if path.endswith("$batch"):
        _check_batch(asked, said)
        return
    if ours is not None:
        _check_ours(exchange, ours, refused=refused)
    if entity is not None and "column" not in names:
        _check_rows(exchange, entity, names, refused=refused)


def _check_ours(exchange: Exchange, ours: tuple[str, Schema, Schema], *, refused: bool) -> None:
    asked, said = exchange.asked, exchange.said
    if asked.body:
        _fits(ours[1], json.loads(asked.body), "request")
    if not refused and said.body:
        _fits(ours[2], json.loads(said.body), "reply")
    if asked.path.removeprefix(PREFIX).startswith("/RetrieveDuplicates") and not refused:
        entity = named(asked.query["@p2"].strip("'"))
        _check_list(entity, json.loads(said.body), ())


# What is sent


def _check_headers(asked: Asked) -> None:
    headers = asked.headers
    assert "cookie" not in headers, "request: a cookie ties the client to one server"
    assert asked.part or headers.get("odata-version") == "4.0", "request: no OData-Version"
    for name, pattern in _HEADERS.items():
        assert re.fullmatch(pattern, headers.get(name, "")) or name not in headers, f"request: {name}: {headers[name]}"
    prefer = headers.get("prefer", "")
    left = re.sub("|".join(f"(?:{each})" for each in _PREFERENCES), "", prefer)
    assert not left.strip(" ,;"), f"request: unknown preference {left}"
    if asked.body:
        assert headers.get("content-type", "").startswith(("application/json", "multipart/mixed")), "request: no content type"


def _check_query(entity: Entity, given: Mapping[str, str], names: Mapping[str, str]) -> None:
    for name, text in given.items():
        assert name in _OPTIONS or name.startswith("@"), f"request: unknown query option {name}"
        if name == "$top":
            assert text.isdigit(), f"request: $top is {text}"
        if name == "$count":
            assert text in {"true", "false"}, f"request: $count is {text}"
    if {"link", "column"} & names.keys():
        return
    for part in filter(None, given.get("$select", "").split(",")):
        assert part in entity.columns, f"request: $select: {entity.name} has no {part}"
    for part in filter(None, given.get("$orderby", "").split(",")):
        column, _, direction = part.strip().partition(" ")
        assert column in entity.columns, f"request: $orderby: {entity.name} has no {column}"
        assert direction in {"", "asc", "desc"}, f"request: $orderby: {direction}"
    _check_filter(entity, given)
    for link, select in re.findall(r"(\w+)(?:\(\$select=([^)]*)\))?", given.get("$expand", "")):
        assert link in entity.links, f"request: $expand: {entity.name} has no {link}"
        target = named(entity.links[link].target)
        assert set(filter(None, select.split(","))) <= set(target.columns), f"request: $expand: {select}"


def _check_filter(entity: Entity, given: Mapping[str, str]) -> None:
    """Every name in a filter is a column's; what stands in quotes is a value, but for the name that In is given."""
    text = given.get("$filter", "")
    named_by_in = re.findall(r"PropertyName='(\w+)'", text)
    named_by_in += [given[alias].strip("'") for alias in re.findall(r"PropertyName=(@\w+)", text)]
    for name in named_by_in:
        assert name in entity.columns or f"_{name}_value" in entity.columns, f"request: In: {entity.name} has no {name}"
    plain = re.sub(r"""\[(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\]"'])*\]|'(?:[^']|'')*'""", "", text)
    for word in re.findall(r"(?<![\w@:.\-])[A-Za-z_][\w./]*(?![\w:\-])", plain):
        if word in _WORDS | _FUNCTIONS | {"PropertyName", "PropertyValues"} or re.fullmatch(r"[0-9a-f]+", word):
            continue
        link, _, column = word.partition("/")
        known = word in entity.columns or (link in entity.links and column in named(entity.links[link].target).columns)
        assert known, f"request: $filter: {entity.name} has no {word}"


def _check_body(entity: Entity, body: Mapping[str, Any], *, extra: frozenset[str] = frozenset()) -> None:
    """What is written: columns with values of their type, lookups by address, and parties within an activity."""
    for name, value in body.items():
        link, _, note = name.partition("@")
        if name in extra:
            continue
        if note == "odata.bind":
            assert link in entity.links, f"request: {entity.name} has no {link}"
            target = named(entity.links[link].target).set
            good = value is None or re.fullmatch(rf"(?:https?://[^/]+{PREFIX})?/?(?:{target}\([^)]+\)|\$\d+)", str(value))
            assert good, f"request: {link}: {value!r} is no address of {target}"
        elif name in entity.links and entity.links[name].is_many:
            for each in value:
                _check_body(named(entity.links[name].target), each)
        else:
            assert name in entity.columns, f"request: {entity.name} has no {name}"
            assert not name.startswith("_"), f"request: {name} is written by its navigation property"
            require_value(entity, name, value)


def _check_batch(asked: Asked, said: Said) -> None:
    """The parts are exchanges of their own; here it is what holds them together."""
    found = re.fullmatch(r'multipart/mixed; ?boundary="?([^"]+)"?', asked.headers.get("content-type", ""))
    assert found, "request: a batch is multipart/mixed"
    text = asked.body.decode()
    assert text.lstrip("\r\n").startswith(f"--{found[1]}\r\n"), "request: the batch does not begin by its boundary"
    assert text.rstrip().endswith(f"--{found[1]}--"), "request: the batch does not end by its boundary"
    assert "\n" not in text.replace("\r\n", ""), "request: a line ends without CR"
    if said.body and said.headers["content-type"].startswith("multipart/mixed"):
        boundary = said.headers["content-type"].partition("boundary=")[2]
        assert said.body.decode().rstrip().endswith(f"--{boundary}--"), "reply: the batch does not end by its boundary"
    else:
        _fits(_ERROR, json.loads(said.body), "reply")


# What comes back


def _check_rows(exchange: Exchange, entity: Entity, names: Mapping[str, str], *, refused: bool) -> None:
    asked, said = exchange.asked, exchange.said
    if asked.method in {"POST", "PATCH"} and asked.body:
        body = json.loads(asked.body)
        if "message" in names:
            for each in body["Targets"]:
                assert each["@odata.type"].removeprefix("#") == f"{_CRM}.{entity.name}", "request: another type"
                _check_body(entity, each, extra=frozenset({"@odata.type", "@odata.id"}))
        else:
            _check_body(entity, body, extra=frozenset({"@odata.type"}))
    if refused or said.status == _CHANGED or "message" in names:
        return
    if not said.body:
        assert asked.method != "GET" or "link" in names, "reply: empty"
        if asked.method in {"POST", "PATCH"}:
            assert re.search(rf"/{entity.set}\([^)]+\)$", said.headers["OData-EntityId"]), "reply: no OData-EntityId"
        return
    told = json.loads(said.body)
    if asked.path.endswith("/$count"):
        return
    select = () if "link" in names else tuple(filter(None, asked.query.get("$select", "").split(",")))
    if "link" in names:
        entity = named(entity.links[names["link"]].target)
    if "value" in told and entity.key not in told:
        _check_list(entity, told, select)
    else:
        assert "@odata.context" in told, "reply: no @odata.context"
        _check_row(entity, told, select)


def _check_list(entity: Entity, told: Mapping[str, Any], select: tuple[str, ...]) -> None:
    known = {"@odata.context", "value", "@odata.count", "@odata.nextLink", "@odata.deltaLink"}
    assert "@odata.context" in told, "reply: no @odata.context"
    assert isinstance(told["value"], list), "reply: value is no list"
    assert told.keys() <= known, f"reply: unknown {told.keys() - known}"
    assert not {"@odata.nextLink", "@odata.deltaLink"} <= told.keys(), "reply: a page has one link"
    for row in told["value"]:
        if str(row.get("@odata.context", "")).endswith("/$deletedEntity"):
            assert set(row) == {"@odata.context", "id", "reason"}, f"reply: {set(row)}"
        else:
            _check_row(entity, row, select)


def _check_row(entity: Entity, row: Mapping[str, Any], select: tuple[str, ...]) -> None:
    assert re.fullmatch(r'W/"\d+"', str(row.get("@odata.etag"))), f"reply: {entity.name} without ETag"
    assert {entity.key, *select} <= row.keys(), f"reply: {entity.name} without {({entity.key, *select}) - row.keys()}"
    for name, value in row.items():
        column = name.partition("@")[0]
        if column in entity.links and "@" not in name:
            target = named(entity.links[column].target)
            for each in value if isinstance(value, list) else [value] * (value is not None):
                _check_row(target, each, ())
        elif column:
            assert column in entity.columns, f"reply: {entity.name} has no {name}"
            if "@" not in name:
                require_value(entity, name, value)


def _fits(schema: Schema, value: object, what: str) -> None:
    found = Draft202012Validator(schema).iter_errors(value)
    errors = [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in found]
    assert not errors, f"{what}: {errors[:3]}"
