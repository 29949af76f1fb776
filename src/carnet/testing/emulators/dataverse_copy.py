"""How does a copy of an organisation of Dynamics 365 get into the emulator, and what does it say later?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from carnet.ports.copied import Copied
from carnet.testing.emulators.dataverse_organisation import FULL_NAMES, OWN, DataverseOrganisation
from carnet.testing.emulators.dataverse_row import Reference, Row
from carnet.testing.emulators.dataverse_tables import TABLES, Table

RECORDS = ("account", "contact")
SHARED = "Local"
"""How far a right reaches that is neither everybody's records nor one's own alone."""
_TARGETS = "Microsoft.Dynamics.CRM.lookuplogicalname"
_OF_THE_SERVICE = frozenset({"fullname", "modifiedon", "createdon", "overriddencreatedon"})
"""What the service itself writes with every change."""


def organisation_of(copied: Copied, *, tell: Callable[[int], object] = lambda _: None) -> DataverseOrganisation:
    """An organisation that holds what was copied, under the same ids and versions; `tell` is told of how many records."""
    organisation = DataverseOrganisation("copy", identity=copied.organisation)
    organisation.lengths = dict(copied.lengths)
    user, rights = copied.user, _rights(copied)
    organisation.add_user(user.address, name=user.name, privileges=rights, administrator=user.administrator, identity=user.id)
    organisation.synchronise(user.id, on=user.synchronised)
    _behave(organisation, copied)
    _look_for_duplicates(organisation, copied)
    for number, (table, told) in enumerate(copied.rows, start=1):
        row = _row(TABLES[table], told)
        row.values = {name: value for name, value in row.values.items() if value is not None}
        organisation.keep(row)
        tell(number)
    return organisation


def digests(organisation: DataverseOrganisation) -> frozenset[bytes]:
    """What its accounts and contacts say, but for what the service itself writes: a digest of each."""
    return frozenset(_digest(row) for table in RECORDS for row in organisation.rows[table].values())


def _rights(copied: Copied) -> dict[str, str] | None:
    """The user's rights: who may read their own records alone may read all that was copied, some of it shared with them."""
    if copied.rights is None:
        return None
    return {right: SHARED if right.startswith("prvRead") and depth == OWN else depth for right, depth in copied.rights.items()}


def _behave(organisation: DataverseOrganisation, copied: Copied) -> None:
    """Let it do what the other one does: make full names, track changes, look out for other writers."""
    for told in copied.settings["organization"]:
        row = organisation.rows["organization"][organisation.id]
        row.values |= {name: value for name, value in _row(row.table, told).values.items() if value is not None}
        code = row.values["fullnameconventioncode"]
        organisation.full_name = code if code in FULL_NAMES else organisation.full_name
    for told in copied.settings["systemuser"]:
        if told["systemuserid"].lower() != copied.user.id:
            organisation.keep(_row(TABLES["systemuser"], told))
    for name, told in copied.tables.items():
        if told.get("ChangeTrackingEnabled") is False:
            organisation.untracked.add(name)
        organisation.optimistic = organisation.optimistic and told.get("IsOptimisticConcurrencyEnabled") is not False


def _look_for_duplicates(organisation: DataverseOrganisation, copied: Copied) -> None:
    """Let it take for duplicates what the other one does, as far as accounts and contacts are compared."""
    for name, told in copied.tables.items():
        if (told.get("IsDuplicateDetectionEnabled") or {}).get("Value") is False:
            organisation.undetected.add(name)
    for told in copied.settings["duplicaterule"]:
        if {told["baseentityname"], told["matchingentityname"]} <= set(RECORDS):
            organisation.keep(_row(TABLES["duplicaterule"], told))
    for told in copied.settings["duplicaterulecondition"]:
        row = _row(TABLES["duplicaterulecondition"], told)
        if row.lookups.get("regardingobjectid", ("", ""))[1] in organisation.rows["duplicaterule"]:
            organisation.keep(row)


def _row(table: Table, told: Mapping[str, Any]) -> Row:
    """A row as it was told: its columns, and its lookups with the table that each leads to."""
    row = Row(table=table, id=str(told[table.key]).lower(), version=int(str(told["@odata.etag"]).strip('W/"')))
    for name, value in told.items():
        if "@" in name or name == table.key:
            continue
        if name.startswith("_") and name.endswith("_value"):
            if value:
                row.lookups[name[1:-6]] = _target(table, told, name)
        else:
            row.values[name] = value
    return row


def _target(table: Table, told: Mapping[str, Any], name: str) -> Reference:
    known = [target for lookup in table.lookups.values() if lookup.attribute == name[1:-6] for target in lookup.targets]
    said = told.get(f"{name}@{_TARGETS}")
    return (said if said in known else known[0]), str(told[name]).lower()


def _digest(row: Row) -> bytes:
    values = sorted((name, value) for name, value in row.values.items() if value is not None and name not in _OF_THE_SERVICE)
    lookups = sorted((name, target) for name, target in row.lookups.items() if name not in {"createdby", "modifiedby"})
    return hashlib.sha256(repr((row.table.name, row.id, values, lookups)).encode()).digest()
