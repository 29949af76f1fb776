"""How does Dataverse write many rows of one table in one message? All of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.testing.emulators.dataverse_rows import created, named_by, updated
from carnet.testing.emulators.dataverse_tables import Table
from carnet.testing.emulators.dataverse_turn import BAD_VALUE, Refusal, Turn, gone
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import said_json


def bulk(turn: Turn) -> Said:
    """`CreateMultiple`, `UpdateMultiple` or `UpsertMultiple`; the first row that fails fails them all."""
    table, message = turn.table(), str(turn.names["message"])
    if message not in turn.organisation.bulk.get(table.name, ()):
        text = f"The '{message}' method does not support entities of type '{table.name}'."
        raise Refusal(400, "0x80040800", text)
    targets = _targets(turn, table)
    if message == "CreateMultiple":
        with turn.organisation.transaction():
            ids = [created(turn, table, each).id for each in targets]
        context = f"{turn.service.base()}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
        return said_json(200, {"@odata.context": context, "Ids": ids}, {"OData-Version": "4.0"})
    with turn.organisation.transaction():
        for each in targets:
            _written(turn, table, each, may_create=message == "UpsertMultiple")
    return Said(status=204, headers={"OData-Version": "4.0"})


def _written(turn: Turn, table: Table, body: Mapping[str, Any], *, may_create: bool) -> None:
    row, whole = named_by(turn, table, body)
    if row is not None:
        updated(turn, row, body)
    elif may_create:
        created(turn, table, whole)
    else:
        raise gone(table, str(body.get(table.key)))


def _targets(turn: Turn, table: Table) -> Sequence[Mapping[str, Any]]:
    """What is to be written; each says of which type it is."""
    targets = turn.json().get("Targets")
    if not isinstance(targets, list) or not targets or not all(isinstance(each, dict) for each in targets):
        raise Refusal(400, BAD_VALUE, "Targets holds no entities.")
    for each in targets:
        if each.get("@odata.type", "").removeprefix("#") != f"Microsoft.Dynamics.CRM.{table.name}":
            raise Refusal(400, BAD_VALUE, "Each of Targets needs the '@odata.type' of the table.")
    return targets
