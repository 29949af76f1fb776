"""What does Dataverse tell of its tables and their columns?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carnet.testing.emulators.dataverse_filter import parsed
from carnet.testing.emulators.dataverse_tables import TABLES, Column, Kind, Table
from carnet.testing.emulators.dataverse_turn import Refusal, Turn
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import said_json

_CRM = "Microsoft.Dynamics.CRM"
_ODATA = {"OData-Version": "4.0"}
_TYPES = {
    Kind.TEXT: "String",
    Kind.MEMO: "Memo",
    Kind.WHOLE: "Integer",
    Kind.YES_NO: "Boolean",
    Kind.DAY: "DateTime",
    Kind.MOMENT: "DateTime",
    Kind.ID: "Uniqueidentifier",
}
_ASKED = {
    "LogicalName": "text",
    "SchemaName": "text",
    "EntitySetName": "text",
    "MetadataId": "id",
    "ChangeTrackingEnabled": "yes_no",
    "IsCustomEntity": "yes_no",
}


def tables(turn: Turn) -> Said:
    """The tables that a filter lets through."""
    rows = [_table(turn, table) for table in TABLES.values()]
    if text := turn.asked.query.get("$filter", ""):
        test = parsed(text, kinds=_ASKED, aliases={}, accents_count=True)
        rows = [row for row in rows if test.passes(row.get)]
    return _list(turn, "EntityDefinitions", [_selected(turn, row, "MetadataId") for row in rows])


def table(turn: Turn) -> Said:
    """One table."""
    row = _selected(turn, _table(turn, _named(turn)), "MetadataId")
    context = f"{turn.service.base()}/$metadata#EntityDefinitions/$entity"
    return said_json(200, {"@odata.context": context, **row}, _ODATA)


def columns(turn: Turn) -> Said:
    """The columns of a table, all or those of one type: text of several lines is another type than text."""
    found, cast = _named(turn), str(turn.names.get("cast") or "").removesuffix("AttributeMetadata")
    rows = [_column(turn, found, column) for column in found.columns.values() if cast in {"", _TYPES[column.kind]}]
    if text := turn.asked.query.get("$filter", ""):
        test = parsed(text, kinds={"LogicalName": "text", "AttributeType": "text"}, aliases={}, accents_count=True)
        rows = [row for row in rows if test.passes(row.get)]
    where = f"EntityDefinitions('{found.name}')/Attributes" + (f"/{_CRM}.{cast}AttributeMetadata" if cast else "")
    return _list(turn, where, [_selected(turn, row, "MetadataId") for row in rows])


def _named(turn: Turn) -> Table:
    name = str(turn.names["name"])
    if name not in TABLES:
        raise Refusal(404, "0x80060888", f"Could not find an entity with name {name}.")
    return TABLES[name]


def _table(turn: Turn, table: Table) -> dict[str, Any]:
    organisation = turn.organisation
    detects = table.name in {"contact", "account"}
    return {
        "LogicalName": table.name,
        "SchemaName": table.name.capitalize(),
        "EntitySetName": table.set,
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.title,
        "LogicalCollectionName": table.set,
        "ChangeTrackingEnabled": table.name not in organisation.untracked,
        "IsOptimisticConcurrencyEnabled": organisation.optimistic,
        "IsCustomEntity": False,
        "IsActivity": table.is_activity,
        "IsDuplicateDetectionEnabled": {
            "Value": detects and table.name not in organisation.undetected,
            "CanBeChanged": True,
            "ManagedPropertyLogicalName": "canmodifyduplicatedetectionsettings",
        },
        "MetadataId": str(uuid5(NAMESPACE_URL, table.name)),
    }


def _column(turn: Turn, table: Table, column: Column) -> dict[str, Any]:
    kind = _TYPES[column.kind]
    told: dict[str, Any] = {
        "@odata.type": f"#{_CRM}.{kind}AttributeMetadata",
        "LogicalName": column.name,
        "SchemaName": column.name.capitalize(),
        "AttributeType": kind,
        "IsValidForCreate": not column.fixed,
        "IsValidForUpdate": not column.fixed,
        "MetadataId": str(uuid5(NAMESPACE_URL, f"{table.name}.{column.name}")),
    }
    if column.kind in {Kind.TEXT, Kind.MEMO}:
        told["MaxLength"] = turn.organisation.length(table, column.name)
        told["FormatName"] = {"Value": _format(column)}
    return told


def _format(column: Column) -> str:
    if column.kind is Kind.MEMO:
        return "TextArea"
    if column.name.startswith("emailaddress"):
        return "Email"
    is_phone = "phone" in column.name or column.name in {"pager", "fax", "home2", "business2", "callback", "company"}
    return "Phone" if is_phone else "Url" if column.name.endswith("url") else "Text"


def _selected(turn: Turn, row: Mapping[str, Any], key: str) -> dict[str, Any]:
    select = {name for name in turn.asked.query.get("$select", "").split(",") if name}
    if unknown := select - row.keys() - {"MaxLength", "FormatName"}:
        raise Refusal(400, "0x80060888", f"Could not find a property named '{min(unknown)}'.")
    return {name: value for name, value in row.items() if not select or name in select | {key, "@odata.type"}}


def _list(turn: Turn, what: str, rows: list[dict[str, Any]]) -> Said:
    return said_json(200, {"@odata.context": f"{turn.service.base()}/$metadata#{what}", "value": rows}, _ODATA)
