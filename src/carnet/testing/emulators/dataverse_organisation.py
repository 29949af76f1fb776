"""What does an organisation of Dataverse hold, and what has become of it since?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from carnet.testing.emulators.dataverse_row import Index, Reference, Row
from carnet.testing.emulators.dataverse_tables import STATUSES, TABLES, Table
from carnet.testing.emulators.server import Anything

ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
"""The template that every role of System Administrator is made from."""
ORGANISATION_WIDE, OWN = "Global", "Basic"
"""How far a privilege reaches: over the whole organisation, or over one's own rows."""
NOUNS = ("Contact", "Account", "Activity")
VERBS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo")
BULK = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
ACTIVITIES = ("email", "appointment", "task", "phonecall")
CASCADES = {"contact": ("parentcustomerid",), **dict.fromkeys(ACTIVITIES, ("regardingobjectid",))}
"""What goes with the row that it belongs to."""
FULL_NAMES: Mapping[int, tuple[str, ...]] = {
    1: ("firstname", "lastname"),
    5: ("firstname", "middlename", "lastname"),
    6: ("lastname", "firstname"),
}
"""`fullnameconventioncode` → the parts; a suffix is in none."""


@dataclass(slots=True, kw_only=True)
class User:
    """Somebody with their privileges: the name of each → how far it reaches."""

    id: str
    address: str
    privileges: dict[str, str] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)


def everything(depth: str = ORGANISATION_WIDE) -> dict[str, str]:
    """All privileges on contacts, accounts and activities."""
    return {f"prv{verb}{noun}": depth for noun in NOUNS for verb in VERBS}


class DataverseOrganisation:
    """One organisation: what its people do in their own app are its methods.

    `version` rises with every change. `clock` says what time it is. `lengths` ((table, column) → units) is what an administrator
    has customised. `bulk`: the messages that each table knows. `accents_count`: whether "é" and "e" differ in a comparison.
    `alternate_keys`: table → columns of each active key. `untracked`, `undetected`: tables without change tracking, and without
    detection of duplicates.
    """

    def __init__(self, name: str = "contoso", *, identity: str = "", clock: Callable[[], datetime] | None = None) -> None:
        """An organisation with one user, who may do everything and is the first to be asked for."""
        self.name = name
        self.id = identity or self._new_id("organization")
        self.business_unit = self._new_id("businessunit")
        self.clock = clock or (lambda: datetime.now(UTC))
        self.version = 1_000_000
        self.rows: dict[str, dict[str, Row]] = {table: {} for table in TABLES}
        self.removed: dict[str, dict[str, int]] = {table: {} for table in TABLES}
        self.users: dict[str, User] = {}
        self.lengths: dict[tuple[str, str], int] = {}
        self.bulk: dict[str, tuple[str, ...]] = {name: BULK for name, table in TABLES.items() if table.writable}
        self.alternate_keys: dict[str, tuple[tuple[str, ...], ...]] = {}
        self.untracked: set[str] = {name for name, table in TABLES.items() if not table.writable}
        self.accents_count = False
        self.tracking_days = 7
        self.full_name = 1
        self.optimistic = True
        self.undetected: set[str] = set()
        self.lock = threading.RLock()
        self._index = Index()
        self._incoming: dict[Reference, set[Reference]] = {}
        self._undo: list[Callable[[], object]] | None = None
        self._settings()

    # What people do in their own app

    def add_user(
        self,
        address: str,
        *,
        name: str = "",
        privileges: Mapping[str, str] | None = None,
        administrator: bool = False,
        disabled: bool = False,
        identity: str = "",
    ) -> str:
        """Somebody with a primary e-mail address; all privileges unless told. Returns their id."""
        with self.lock:
            identity = identity or self._new_id(f"systemuser/{len(self.users)}")
            given = everything() | {"prvReadUser": ORGANISATION_WIDE} if privileges is None else dict(privileges)
            roles = ["System Administrator"] if administrator else ["Salesperson"]
            self.users[identity] = User(id=identity, address=address, privileges=given, roles=roles)
            values = {
                "internalemailaddress": address or None,
                "domainname": address or None,
                "fullname": name or address,
                "isdisabled": disabled,
                "accessmode": 0,
                "azureactivedirectoryobjectid": self._new_id(f"object/{identity}"),
            }
            mailbox = self._new_id(f"mailbox/{identity}")
            user = Row(table=TABLES["systemuser"], id=identity, values=values, lookups={"defaultmailbox": ("mailbox", mailbox)})
            self.put(user)
            box = {"name": name or address, "emailaddress": address or None, "statecode": 0}
            self.put(
                Row(table=TABLES["mailbox"], id=mailbox, values=box, lookups={"regardingobjectid": ("systemuser", identity)})
            )
            self.synchronise(identity, on=False)
            return identity

    def synchronise(self, user: str, *, on: bool = True) -> None:
        """Let the server exchange this user's mail and contacts with their mailbox (server-side synchronisation), or nobody."""
        with self.lock:
            box = self.rows["mailbox"][self.rows["systemuser"][user].lookups["defaultmailbox"][1]]
            ways = {"incomingemaildeliverymethod": 2, "outgoingemaildeliverymethod": 2, "actdeliverymethod": 1}
            box.values |= ways if on else dict.fromkeys(ways, 0) | {"actdeliverymethod": 2}

    def add_rule(
        self,
        name: str,
        *conditions: tuple[str, int, int] | str,
        base: str = "contact",
        matching: str = "",
        published: bool = True,
        exclude_inactive: bool = True,
        case_sensitive: bool = False,
        ignore_blanks: bool = True,
    ) -> str:
        """A duplicate rule; a condition is a column, or a column with its operator and how many characters. Returns its id."""
        with self.lock:
            identity = self._new_id(f"duplicaterule/{name}")
            values = {
                "name": name,
                "baseentityname": base,
                "matchingentityname": matching or base,
                "iscasesensitive": case_sensitive,
                "excludeinactiverecords": exclude_inactive,
                "statecode": int(published),
                "statuscode": 2 if published else 0,
            }
            self.put(Row(table=TABLES["duplicaterule"], id=identity, values=values))
            for number, each in enumerate(conditions):
                column, operator, length = (each, 0, 0) if isinstance(each, str) else each
                told = {"baseattributename": column, "matchingattributename": column, "operatorcode": operator}
                told |= {"operatorparam": length or None, "ignoreblankvalues": ignore_blanks}
                row = Row(table=TABLES["duplicaterulecondition"], id=self._new_id(f"{identity}/{number}"), values=told)
                row.lookups = {"regardingobjectid": ("duplicaterule", identity)}
                self.put(row)
            return identity

    def detect(self, *, on: bool) -> None:
        """Look for duplicates in the whole organisation, or not."""
        with self.lock:
            self.rows["organization"][self.id].values["isduplicatedetectionenabled"] = on

    def add_account(self, **columns: Anything) -> str:
        """A new account; returns its id."""
        return self.add("account", **columns)

    def add_contact(self, *, parent: Reference | None = None, **columns: Anything) -> str:
        """A new contact, perhaps of that account or contact; returns its id."""
        return self.add("contact", lookups={"parentcustomerid": parent} if parent else {}, **columns)

    def add(self, table: str, *, lookups: Mapping[str, Reference] | None = None, **columns: Anything) -> str:
        """A new row, owned by the first user; returns its id."""
        with self.lock:
            identity = str(columns.pop(TABLES[table].key, "") or self._new_id(f"{table}/{self.version}"))
            row = Row(table=TABLES[table], id=identity, values=columns, lookups=dict(lookups or {}))
            self.create(row, by=self.first)
            return identity

    def edit(self, table: str, identity: str, **columns: Anything) -> None:
        """Somebody changes a row."""
        with self.lock:
            self.change(self.rows[table][identity], columns, {}, by=self.first)

    def delete(self, table: str, identity: str) -> None:
        """Somebody deletes a row, with the contacts and the activities that belong to it."""
        with self.lock:
            self.remove(self.rows[table][identity])

    def expire(self) -> None:
        """Let all tokens of change tracking grow too old."""
        before = self.clock
        self.clock = lambda: datetime.fromtimestamp(before().timestamp() + (self.tracking_days + 1) * 86_400, UTC)

    @property
    def first(self) -> User:
        """The first user; where there is none yet, one who stays whatever is undone."""
        if not self.users:
            undo, self._undo = self._undo, None
            self.add_user("camille@contoso.com", name="Camille Roche", administrator=True)
            self._undo = undo
        return next(iter(self.users.values()))

    # Rows, as the rules of the service change them

    def find(self, reference: Reference) -> Row | None:
        """The row of that table and id."""
        return self.rows[reference[0]].get(reference[1])

    def holding(self, table: str, column: str, values: Iterable[str]) -> list[Row]:
        """The rows of a table with one of those values in a column, case and accents aside."""
        return self._index.find((table, column), values, self.rows[table])

    def parties(self, activity: Reference) -> list[Row]:
        """Who takes part in an activity."""
        found = (self.find(each) for each in self._incoming.get(activity, ()) if each[0] == "activityparty")
        return sorted(filter(None, found), key=lambda row: row.version)

    def listed(self, table: str) -> list[Row]:
        """The rows of a table; which messages a table knows are rows too, and activities of every kind are pointers."""
        if table == "activitypointer":
            return [self._pointer(row) for name in ACTIVITIES for row in self.rows[name].values()]
        if table != "sdkmessagefilter":
            return list(self.rows[table].values())
        known = ((name, message) for name, messages in self.bulk.items() for message in messages)
        return [
            Row(
                table=TABLES[table],
                id=self._new_id(f"{name}/{message}"),
                values={"primaryobjecttypecode": name, "sdkmessageid/name": message},
            )
            for name, message in known
        ]

    def _pointer(self, row: Row) -> Row:
        """What activities of every kind have in common."""
        table = TABLES["activitypointer"]
        values = {name: value for name, value in row.values.items() if name in table.columns}
        lookups = {name: target for name, target in row.lookups.items() if name in table.attributes}
        return Row(table=table, id=row.id, values=values, lookups=lookups, version=row.version)

    def length(self, table: Table, column: str) -> int | None:
        """How long a value of that column may be."""
        return self.lengths.get((table.name, column), table.columns[column].length)

    def create(self, row: Row, *, by: User) -> None:
        """Insert a row, with what the service itself fills in."""
        now = self.now()
        if row.table.name in STATUSES:
            row.values = {"statecode": 0, "statuscode": STATUSES[row.table.name][0][0], **row.values}
        if row.table.name == "email":
            row.values.setdefault("directioncode", True)
        if row.table.parties:
            row.values["activitytypecode"] = row.table.name
        if "createdon" in row.table.columns:
            row.values |= {"createdon": row.values.get("overriddencreatedon") or now, "modifiedon": now}
            row.lookups = {"ownerid": ("systemuser", by.id), **row.lookups}
            row.lookups |= {"createdby": ("systemuser", by.id), "modifiedby": ("systemuser", by.id)}
        self.put(row)

    def change(self, row: Row, values: Mapping[str, Any], lookups: Mapping[str, Reference | None], *, by: User) -> None:
        """Change a row: None clears. The version rises, whether or not anything is different."""
        changed = replace(row, values={**row.values, **values, "modifiedon": self.now()})
        changed.lookups = {**row.lookups, "modifiedby": ("systemuser", by.id)}
        for attribute, reference in lookups.items():
            changed.lookups.pop(attribute, None)
            changed.lookups |= {attribute: reference} if reference else {}
        self.put(changed)

    def put(self, row: Row) -> None:
        """Keep a row under a new version."""
        if row.table.name == "contact":
            parts = (str(row.values.get(part) or "") for part in FULL_NAMES[self.full_name])
            row.values["fullname"] = " ".join(filter(None, parts)) or None
        self.version += 1
        row.version = self.version
        self._set((row.table.name, row.id), row, gone=None)

    def keep(self, row: Row) -> None:
        """Keep a row as it is in another organisation, under the version that it has there."""
        self.version = max(self.version, row.version)
        self._set((row.table.name, row.id), row, gone=None)

    def remove(self, row: Row) -> None:
        """Delete a row with what belongs to it; other lookups that led to it lead nowhere."""
        reference = (row.table.name, row.id)
        if self.find(reference) is None:
            return
        self.version += 1
        self._set(reference, None, gone=self.version)
        for other in list(self._incoming.get(reference, ())):
            if (found := self.find(other)) is None:
                continue
            attributes = [name for name, target in found.lookups.items() if target == reference]
            if other[0] == "activityparty" or set(attributes) & set(CASCADES.get(other[0], ())):
                self.remove(found)
            else:
                self.change(found, {}, dict.fromkeys(attributes), by=self.first)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the versions that were given out stay given."""
        outer, self._undo = self._undo, []
        try:
            yield
        except BaseException:
            steps, self._undo = self._undo, None
            for undo in reversed(steps):
                undo()
            self._undo = []
            raise
        finally:
            done, self._undo = self._undo or [], outer
            if self._undo is not None:
                self._undo += done

    def now(self) -> str:
        """The time, as the service writes it."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _set(self, reference: Reference, row: Row | None, *, gone: int | None) -> None:
        """Keep that row there, or none and since which version it is gone; a transaction remembers what was there."""
        rows, removed = self.rows[reference[0]], self.removed[reference[0]]
        before, gone_before = rows.pop(reference[1], None), removed.pop(reference[1], None)
        if self._undo is not None:
            self._undo.append(lambda: self._set(reference, before, gone=gone_before))
        self._index.move(reference, before, row)
        for target in before.lookups.values() if before else ():
            self._incoming.get(target, set()).discard(reference)
        if row is not None:
            rows[reference[1]] = row
            for target in row.lookups.values():
                if target[0] != "systemuser":
                    self._incoming.setdefault(target, set()).add(reference)
        if gone is not None:
            removed[reference[1]] = gone

    def _new_id(self, of: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self.name}/{of}"))

    def _settings(self) -> None:
        """The rows that every organisation has."""
        values = {
            "name": self.name,
            "isduplicatedetectionenabled": True,
            "isduplicatedetectionenabledforonlinecreateupdate": True,
            "expirechangetrackingindays": self.tracking_days,
            "fullnameconventioncode": self.full_name,
        }
        self.put(Row(table=TABLES["organization"], id=self.id, values=values))


def is_id(text: str) -> bool:
    """Whether that is a GUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def utf16(text: str) -> int:
    """The length of a value as a column counts it."""
    return len(text.encode("utf-16-le")) // 2
