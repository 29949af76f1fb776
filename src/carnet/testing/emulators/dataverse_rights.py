"""Who is it that asks Dataverse, and what may they do?"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carnet.testing.emulators.dataverse_organisation import ADMINISTRATOR, User
from carnet.testing.emulators.dataverse_turn import Refusal, Turn, gone
from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.server import said_json

_CRM = "Microsoft.Dynamics.CRM"
_ODATA = {"OData-Version": "4.0"}


def who_am_i(turn: Turn) -> Said:
    """The user, the business unit and the organisation."""
    told = {
        "@odata.context": f"{turn.service.base()}/$metadata#{_CRM}.WhoAmIResponse",
        "BusinessUnitId": turn.organisation.business_unit,
        "UserId": turn.user.id,
        "OrganizationId": turn.organisation.id,
    }
    return said_json(200, told, _ODATA)


def privileges(turn: Turn) -> Said:
    """The privileges of a user, each with how far it reaches."""
    user = _user(turn)
    found: list[dict[str, Any]] = [
        {
            "Depth": depth,
            "PrivilegeId": str(uuid5(NAMESPACE_URL, name)),
            "BusinessUnitId": turn.organisation.business_unit,
            "PrivilegeName": name,
        }
        for name, depth in user.privileges.items()
    ]
    context = f"{turn.service.base()}/$metadata#{_CRM}.RetrieveUserPrivilegesResponse"
    return said_json(200, {"@odata.context": context, "RolePrivileges": found}, _ODATA)


def roles(turn: Turn) -> Said:
    """The roles of a user."""
    found = [
        {
            "@odata.etag": 'W/"1"',
            "roleid": str(uuid5(NAMESPACE_URL, f"{turn.organisation.id}/{name}")),
            "name": name,
            "_roletemplateid_value": ADMINISTRATOR if name == "System Administrator" else None,
        }
        for name in _user(turn).roles
    ]
    names = {name for name in turn.asked.query.get("$select", "").split(",") if name}
    rows = [
        {key: value for key, value in each.items() if not names or key in names | {"@odata.etag", "roleid"}} for each in found
    ]
    return said_json(200, {"@odata.context": f"{turn.service.base()}/$metadata#roles", "value": rows}, _ODATA)


def acting(turn: Turn) -> User:
    """The user in whose name the request is: another one only by a privilege for it."""
    headers, users = turn.asked.headers, turn.organisation.users
    if caller := headers.get("mscrmcallerid", ""):
        found = users.get(caller.lower())
    elif caller := headers.get("callerobjectid", ""):
        rows = turn.organisation.rows["systemuser"].values()
        objects = {str(row.values["azureactivedirectoryobjectid"]): row.id for row in rows}
        found = users.get(objects.get(caller.lower(), ""))
    else:
        return turn.user
    if "prvActOnBehalfOfAnotherUser" not in turn.user.privileges:
        raise Refusal(403, "0x80040220", f"User (Id={turn.user.id}) is missing prvActOnBehalfOfAnotherUser privilege.")
    if found is None:
        raise Refusal(403, "0x80041d1f", "The user that the caller speaks for is not known.")
    return found


def _user(turn: Turn) -> User:
    found = turn.organisation.users.get(str(turn.key()))
    if found is None:
        raise gone(turn.table(), str(turn.names["key"]))
    return found
