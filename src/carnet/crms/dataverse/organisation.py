"""Who is asking Dataverse, what may they do, and how long may a value be?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carnet.crms.dataverse import query
from carnet.crms.dataverse.client import DataverseClient, trouble
from carnet.crms.dataverse.multipart import Json, Reply
from carnet.crms.dataverse.translate import COLUMNS, STREETS
from carnet.crms.rules import LENGTHS
from carnet.errors import NotAllowed
from carnet.model.account import CrmUser, RecordKind
from carnet.transport.calls import Part

ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
"""The template of the role System Administrator, the same in every organisation."""
SERVER_SIDE = 1
"""How a mailbox's appointments, contacts and tasks are delivered where the server does it (0: Outlook, 2: nobody)."""
PERSON = ("systemuserid", "fullname", "internalemailaddress", "isdisabled", "accessmode")
_NOBODY = frozenset({3, 4, 5})
"""Access modes of those who own nothing: support, non-interactive, delegated administrators."""
_NEEDED = ("Create", "Read", "Write", "Append", "AppendTo")
_TABLES = {RecordKind.CONTACT: "Contact", RecordKind.ACCOUNT: "Account"}
KINDS_OF_TEXT = ("StringAttributeMetadata", "MemoAttributeMetadata")
_WIDE = "Global"
_WITHHELD = frozenset({400, 403, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """Who asks, of which organisation, and what the CRM tells of them; `rights` is None where it does not tell them."""

    user: CrmUser
    organisation: str
    rights: Mapping[str, str] | None
    lengths: Mapping[RecordKind, Mapping[str, int | None]]

    @property
    def reads_all(self) -> bool:
        """Whether they may read every contact and account, which change tracking asks for; perhaps, where nobody tells."""
        return self.rights is None or all(self.rights.get(f"prvRead{noun}", "") == _WIDE for noun in _TABLES.values())


def look_at(client: DataverseClient) -> Self:
    """Who asks: two requests. What only some may read, roles and settings, is taken as not there for the others."""
    who = client.get("WhoAmI")
    me, organisation = str(who["UserId"]).lower(), str(who["OrganizationId"]).lower()
    texts = [(kind, of) for kind in RecordKind for of in KINDS_OF_TEXT]
    wanted = [
        query.address(f"systemusers({me})", select=PERSON),
        f"systemusers({me})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()",
        query.address(f"systemusers({me})/systemuserroles_association", select=("roleid", "_roletemplateid_value")),
        query.address("mailboxes", select=("actdeliverymethod",), filter=f"_regardingobjectid_value eq {me}"),
        *(metadata(kind, of) for kind, of in texts),
    ]
    replies = client.batch([Part(method="GET", url=url) for url in wanted])
    person, privileges, roles, mailboxes, *attributes = (
        _body(reply, is_needed=not number) for number, reply in enumerate(replies)
    )
    administrator = any(str(role.get("_roletemplateid_value") or "").lower() == ADMINISTRATOR for role in _rows(roles))
    synchronised = any(box.get("actdeliverymethod") == SERVER_SIDE for box in _rows(mailboxes))
    told: dict[RecordKind, dict[str, int]] = {kind: {} for kind in RecordKind}
    for (kind, _), body in zip(texts, attributes, strict=True):
        told[kind] |= {str(each["LogicalName"]): int(each["MaxLength"]) for each in _rows(body) if each.get("MaxLength")}
    return Self(
        user=_user(person, administrator=administrator, synchronised=synchronised),
        organisation=organisation,
        rights=_rights(privileges),
        lengths={kind: _lengths(kind, told[kind]) for kind in RecordKind},
    )


def missing(known: Self, *, accounts: bool) -> list[str]:
    """The rights that are missing to write contacts (and accounts)."""
    needed = [f"prv{verb}Contact" for verb in _NEEDED]
    needed += [f"prv{verb}Account" for verb in (_NEEDED if accounts else ("Read", "AppendTo"))]
    return [right for right in needed if known.rights is not None and right not in known.rights]


def require(known: Self, *, accounts: bool) -> None:
    """Raise NotAllowed naming every right that is missing to write contacts (and accounts)."""
    if lacking := missing(known, accounts=accounts):
        raise NotAllowed(
            "The CRM does not let you do this ({right}).", "Ask its administrator for this right.", right=", ".join(lacking)
        )


def users(client: DataverseClient) -> tuple[CrmUser, ...]:
    """Everybody who can own a record, by name."""
    (rows,) = client.gather([query.address("systemusers", select=PERSON, filter="isdisabled eq false", orderby="fullname")])
    people = (_user(row) for row in rows if row.get("accessmode") not in _NOBODY)
    return tuple(sorted(people, key=lambda one: (one.name, one.id)))


def _user(row: Json, *, administrator: bool = False, synchronised: bool = False) -> CrmUser:
    return CrmUser(
        id=str(row["systemuserid"]).lower(),
        name=str(row.get("fullname") or ""),
        address=str(row.get("internalemailaddress") or ""),
        administrator=administrator,
        synchronised=synchronised,
    )


def _body(reply: Reply, *, is_needed: bool) -> Json:
    """The body; nothing where the user may not read it and it can be done without. Raises what `trouble` makes of a refusal."""
    if reply.is_success or (reply.status in _WITHHELD and not is_needed):
        return reply.body if reply.is_success else {}
    raise trouble(reply)


def _rights(body: Json) -> Mapping[str, str] | None:
    """Privilege → how far it reaches; None where they came without their names, or not at all."""
    given = {str(each.get("PrivilegeName") or ""): str(each.get("Depth", "")) for each in body.get("RolePrivileges", ())}
    return given if any(given) else None


def metadata(kind: RecordKind, of: str) -> str:
    """The address of how long the columns of text of a table may be."""
    path = f"EntityDefinitions(LogicalName='{kind.value}')/Attributes/Microsoft.Dynamics.CRM.{of}"
    return query.address(path, select=("LogicalName", "MaxLength"))


def _lengths(kind: RecordKind, told: Mapping[str, int]) -> dict[str, int | None]:
    """Field key → its size in this organisation; as every new one has it where the organisation does not say."""
    found = dict(LENGTHS[kind])
    for key, column in COLUMNS[kind].items():
        if key in found and found[key] is not None:
            found[key] = told.get(column, found[key])
    for key, lines in STREETS[kind].items():
        found[key] = min([found[key] or 0, *(3 * told[line] for line in lines if line in told)])
    return found


def _rows(body: Json) -> Iterable[Json]:
    rows: Iterable[Json] = body.get("value", ())
    return rows
