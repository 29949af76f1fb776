"""When does Dataverse take a row for a duplicate? Where its rules say so, and the client asks it to look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.dataverse_query import shown
from carnet.testing.emulators.dataverse_row import Row, folded
from carnet.testing.emulators.dataverse_tables import TABLES
from carnet.testing.emulators.dataverse_turn import BAD_VALUE, Refusal, Turn
from carnet.testing.emulators.dataverse_values import values_of
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import Anything, said_json

DUPLICATE = "0x80040333"
PUBLISHED = 2
_SWITCH = "mscrm.suppressduplicatedetection"
_DAY, _MINUTE = 10, 16


def require_unique(turn: Turn, row: Row) -> None:
    """Refuse a row that a published rule takes for another one; only where the header says not to leave that out."""
    if turn.asked.headers.get(_SWITCH, "").lower() != "false" or not is_looked_for(turn.organisation, row.table.name):
        return
    if next(duplicates(turn.organisation, row), None) is not None:
        text = "A record was not created or updated because a duplicate of the current record already exists."
        raise Refusal(turn.service.duplicate_status, DUPLICATE, text)


def is_looked_for(organisation: DataverseOrganisation, table: str) -> bool:
    """Whether the organisation and the table have detection turned on."""
    settings = organisation.rows["organization"][organisation.id].values
    on = settings["isduplicatedetectionenabled"] and settings["isduplicatedetectionenabledforonlinecreateupdate"]
    return bool(on and table not in organisation.undetected)


def duplicates(organisation: DataverseOrganisation, row: Row, matching: str = "") -> Iterator[Row]:
    """The rows (of one table, where it is named) for which a published rule takes that one."""
    for rule in organisation.rows["duplicaterule"].values():
        target = str(rule.values["matchingentityname"])
        if rule.values["statuscode"] != PUBLISHED or rule.values["baseentityname"] != row.table.name:
            continue
        if matching and target != matching:
            continue
        match = _Match(organisation=organisation, rule=rule, conditions=_conditions(organisation, rule), row=row)
        yield from (other for other in match.candidates(target) if other.id != row.id and match.agrees(other))


def retrieve(turn: Turn) -> Said:
    """The rows that are taken for the one that is described."""
    given = turn.asked.query
    described, matching = _object(given.get("@p1", "")), given.get("@p2", "").strip("'")
    base = str(described.get("@odata.type", "")).removeprefix("#").removeprefix("Microsoft.Dynamics.CRM.")
    if base not in TABLES or matching not in TABLES:
        raise Refusal(400, BAD_VALUE, "BusinessEntity needs its '@odata.type', and MatchingEntityName a table.")
    turn.require("Read", TABLES[matching])
    values, _ = values_of(turn, TABLES[base], described)
    identity = str(values.pop(TABLES[base].key, "") or "")
    known = turn.organisation.find((base, identity))
    row = Row(table=TABLES[base], id=identity, values={**(known.values if known else {}), **values})
    paging = _object(given.get("@p3", "") or "{}")
    size, number = int(paging.get("Count", 50)), int(paging.get("PageNumber", 1))
    found = sorted({each.id: each for each in duplicates(turn.organisation, row, matching)}.values(), key=lambda each: each.id)
    page = found[size * (number - 1) : size * number]
    context = f"{turn.service.base()}/$metadata#{TABLES[matching].set}"
    return said_json(200, {"@odata.context": context, "value": [shown(turn, each) for each in page]}, {"OData-Version": "4.0"})


def _conditions(organisation: DataverseOrganisation, rule: Row) -> Sequence[Mapping[str, Any]]:
    found = organisation.rows["duplicaterulecondition"].values()
    mine: list[dict[str, Any]] = [each.values for each in found if each.lookups["regardingobjectid"][1] == rule.id]
    return [{**each, "ignoreblankvalues": True} for each in mine] if len(mine) == 1 else mine


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """One row against one rule."""

    organisation: DataverseOrganisation
    rule: Row
    conditions: Sequence[Mapping[str, Any]]
    row: Row

    def candidates(self, table: str) -> Iterable[Row]:
        """The rows that agree with the first condition that asks for the whole of something; all of them where none does."""
        for each in self.conditions:
            value = self.row.values.get(each["baseattributename"])
            if each["operatorcode"] == 0 and isinstance(value, str) and value == value.strip() != "":
                return self.organisation.holding(table, each["matchingattributename"], [value])
        return self.organisation.rows[table].values()

    def agrees(self, other: Row) -> bool:
        """Whether the rule takes the row for that one."""
        if self.rule.values["excludeinactiverecords"] and other.values.get("statecode"):
            return False
        sides = [
            (self.row.values.get(each["baseattributename"]), other.values.get(each["matchingattributename"]), each)
            for each in self.conditions
        ]
        if not any(ours and theirs for ours, theirs, _ in sides):
            return False
        return all(_agree(self._seen(ours), self._seen(theirs), each) for ours, theirs, each in sides)

    def _seen(self, value: object) -> str:
        text = "" if value is None else str(value).strip()
        cased = self.rule.values["iscasesensitive"]
        return text if cased else folded(text, accents_count=self.organisation.accents_count)


def _agree(ours: str, theirs: str, condition: Mapping[str, Any]) -> bool:
    if not ours or not theirs:
        return ours == theirs and not condition["ignoreblankvalues"]
    length = int(condition.get("operatorparam") or 0)
    match condition["operatorcode"]:
        case 1:
            return ours[:length] == theirs[:length]
        case 2:
            return ours[-length:] == theirs[-length:]
        case 3:
            return ours[:_DAY] == theirs[:_DAY]
        case 4:
            return ours[:_MINUTE] == theirs[:_MINUTE]
        case _:
            return ours == theirs


def _object(text: str) -> dict[str, Anything]:
    """An object as a parameter of a function, in double or in single quotes."""
    for said in (text, text.replace("'", '"')):
        try:
            found = json.loads(said)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    raise Refusal(400, BAD_VALUE, "The value of a parameter is no JSON object.")
