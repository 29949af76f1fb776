"""What does Microsoft Graph do with contacts, their folders, photos and categories?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carnet.testing.emulators.faults import Said
from carnet.testing.emulators.graph_delta import delta
from carnet.testing.emulators.graph_mailbox import (
    ADDRESSES,
    COLLECTIONS,
    LIMITS,
    NAMED_EMAILS,
    PHONES,
    TEXTS,
    GraphMailbox,
    Place,
    property_id,
)
from carnet.testing.emulators.graph_turn import EXTENDED, Refusal, Turn
from carnet.testing.emulators.server import said_json

WRITABLE = frozenset({*TEXTS, *COLLECTIONS, *ADDRESSES, *NAMED_EMAILS, EXTENDED})
_OF_THE_SERVICE = frozenset({"id", "changeKey", "parentFolderId", "createdDateTime", "lastModifiedDateTime"})
_MARK = re.compile(r"ep/id eq '((?:[^']|'')*)' and ep/value eq '((?:[^']|'')*)'")
_COLOUR = re.compile(r"none|preset(?:\d|1\d|2[0-4])")
_TRANSLATED = 1000
Serve = Callable[[Turn], Said]


def person(turn: Turn) -> Said:
    """Who the mailbox belongs to."""
    mailbox = turn.mailbox
    shown = {
        "id": mailbox.user,
        "displayName": mailbox.name,
        "mail": mailbox.address or None,
        "userPrincipalName": mailbox.address or f"{mailbox.user}@contoso.onmicrosoft.com",
        "proxyAddresses": [f"SMTP:{mailbox.address}", *(f"smtp:{alias}" for alias in mailbox.aliases)],
    }
    wanted = [name for name in turn.asked.query.get("$select", "id,displayName,mail,userPrincipalName").split(",") if name]
    return said_json(200, {name: shown[name] for name in wanted if name in shown})


# Folders


def _folders(turn: Turn) -> Said:
    """The folders under Contacts; whether Contacts itself is among them has been seen both ways."""
    mailbox = turn.mailbox
    top = [each for each in mailbox.folders.values() if each.parent in {mailbox.root, mailbox.default}]
    return turn.page([_place(each) for each in top if turn.service.default_in_list or each.id != mailbox.default])


def _folder(turn: Turn) -> Said:
    return said_json(200, _place(turn.folder()))


def _children(turn: Turn) -> Said:
    parent = turn.folder().id
    return turn.page([_place(each) for each in turn.mailbox.folders.values() if each.parent == parent])


def _make_folder(turn: Turn) -> Said:
    name, parent = turn.json().get("displayName"), turn.folder().id
    if not name or any(each.name == name and each.parent == parent for each in turn.mailbox.folders.values()):
        raise Refusal(409, "ErrorFolderExists", "A folder with the specified name already exists.")
    return said_json(201, _place(turn.mailbox.folders[turn.mailbox.add_folder(name, parent=parent)]))


def _rename_folder(turn: Turn) -> Said:
    place = turn.folder()
    _refuse_the_default(turn, place)
    place.name = str(turn.json().get("displayName") or place.name)
    return said_json(200, _place(place))


def _delete_folder(turn: Turn) -> Said:
    place = turn.folder()
    _refuse_the_default(turn, place)
    turn.mailbox.delete_folder(place.id)
    return Said(status=204)


def _refuse_the_default(turn: Turn, place: Place) -> None:
    if place.id == turn.mailbox.default:
        raise Refusal(403, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be changed.")


def _place(place: Place) -> dict[str, Any]:
    return {"id": place.id, "displayName": place.name, "parentFolderId": place.parent}


# Contacts


def _contacts(turn: Turn) -> Said:
    folder, query = turn.folder().id, turn.asked.query
    items = turn.mailbox.visible(folder)
    if said := query.get("$filter"):
        wanted = [(property_id(key), value.replace("''", "'")) for key, value in _MARK.findall(said)]
        if not wanted:
            raise Refusal(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
        items = [item for item in items if all(item.extended.get(key) == value for key, value in wanted)]
    start = int(query.get("$skiptoken") or query.get("$skip") or 0)
    shown = {item.id: turn.shown(item) for item in items[start : start + turn.size()]}
    if "$search" in query:  # only here do the addresses stay away
        shown = {key: row | {"emailAddresses": []} for key, row in shown.items()}
    extra = {"@odata.count": turn.mailbox.counted(folder)} if query.get("$count") == "true" else {}
    return turn.page([shown.get(item.id, {}) for item in items], extra)


def _contact(turn: Turn) -> Said:
    return said_json(200, turn.shown(turn.item()))


def _create(turn: Turn) -> Said:
    values, extended = _written(turn, {})
    identity = turn.mailbox.add_contact(turn.folder().id, extended=extended, **values)
    return said_json(201, turn.shown(turn.mailbox.items[identity]))


def _update(turn: Turn) -> Said:
    item = turn.item()
    turn.require_match(item)
    values, extended = _written(turn, item.values)
    turn.mailbox.edit(item.id, extended=extended, **values)
    return said_json(200, turn.shown(item))


def _delete(turn: Turn) -> Said:
    item = turn.item()
    turn.require_match(item)
    turn.mailbox.delete(item.id)
    return Said(status=204)


def _written(turn: Turn, before: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    body = {name: value for name, value in turn.json().items() if name not in _OF_THE_SERVICE}
    if unknown := sorted(set(body) - WRITABLE):
        raise Refusal(400, "RequestBodyRead", f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.contact'.")
    extended = dict(_extended(each) for each in body.pop(EXTENDED, None) or ())
    for name, most in LIMITS.items():
        if len(body.get(name) or ()) > most:
            raise Refusal(400, "ErrorInvalidRequest", f"{name} takes at most {most} values.")
    for place, name in enumerate(NAMED_EMAILS):
        if name in body:
            listed = [*(body.get("emailAddresses") or before.get("emailAddresses") or ()), *({} for _ in NAMED_EMAILS)][:3]
            listed[place] = body.pop(name) or {}
            body["emailAddresses"] = listed
    if body.get("emailAddresses"):
        body["emailAddresses"] = [_parsed(each) if each else {} for each in body["emailAddresses"]]
    for key in PHONES.keys() & extended.keys():
        name, slot = PHONES[key]
        numbers = [*(body.get(name) or before.get(name) or ()), "", ""][: LIMITS[name]]
        numbers[slot] = extended.pop(key)
        body[name] = numbers
    if body.get("birthday"):
        body["birthday"] = f"{str(body['birthday'])[:10]}T11:59:00Z"
    return body, extended


def _extended(each: Mapping[str, Any]) -> tuple[str, str]:
    key, value = property_id(str(each.get("id"))), str(each.get("value") or "")
    if not key or (key.startswith("Integer ") and not re.fullmatch(r"-?\d+", value)):
        raise Refusal(400, "ErrorInvalidProperty", f"The extended property '{each.get('id')}' is not valid.")
    return key, value


def _parsed(address: Mapping[str, Any]) -> dict[str, Any]:
    """What Exchange cannot parse comes back as a name without address."""
    given = address.get("address") or ""
    if re.fullmatch(r"[^@\s]+@[^@\s]+", given):
        return {"name": address.get("name") or given, "address": given}
    return {"name": address.get("name") or given}


# Photos, categories, ids


def _photo(turn: Turn) -> Said:
    photo = _its_photo(turn)
    return said_json(
        200, {"@odata.mediaContentType": "image/jpeg", "@odata.mediaEtag": _etag(photo), "id": "1X1", "height": 1, "width": 1}
    )


def _photo_bytes(turn: Turn) -> Said:
    photo = _its_photo(turn)
    return Said(status=200, headers={"content-type": "image/jpeg", "ETag": _etag(photo)}, body=photo)


def _its_photo(turn: Turn) -> bytes:
    if not (photo := turn.item().photo):
        raise Refusal(404, "ImageNotFound", "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException'.")
    return photo


def _etag(photo: bytes) -> str:
    return f'"{hashlib.sha256(photo).hexdigest()[:32]}"'


def _categories(turn: Turn) -> Said:
    return turn.page([_category(turn.mailbox, name) for name in turn.mailbox.categories])


def _make_category(turn: Turn) -> Said:
    body = turn.json()
    name, colour = body.get("displayName"), str(body.get("color") or "none")
    if not name or not _COLOUR.fullmatch(colour):
        raise Refusal(400, "ErrorInvalidRequest", "A category has a name and a colour.")
    if any(name.casefold() == each.casefold() for each in turn.mailbox.categories):
        raise Refusal(409, "ErrorCategoryExists", "A category of that name exists.")
    turn.mailbox.categories[name] = colour
    return said_json(201, _category(turn.mailbox, name))


def _recolour_category(turn: Turn) -> Said:
    name, body = _named_category(turn), turn.json()
    if "displayName" in body:
        raise Refusal(400, "ErrorPropertyUpdate", "The display name of a category cannot be changed.")
    turn.mailbox.categories[name] = str(body.get("color") or "none")
    return said_json(200, _category(turn.mailbox, name))


def _delete_category(turn: Turn) -> Said:
    del turn.mailbox.categories[_named_category(turn)]
    return Said(status=204)


def _named_category(turn: Turn) -> str:
    for name in turn.mailbox.categories:
        if _category(turn.mailbox, name)["id"] == turn.names["category"]:
            return name
    raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def _category(mailbox: GraphMailbox, name: str) -> dict[str, str]:
    identity = str(uuid5(NAMESPACE_URL, f"{mailbox.user}/{name}"))
    return {"id": identity, "displayName": name, "color": mailbox.categories[name]}


def _translate(turn: Turn) -> Said:
    """Passing ids into those that last; what is not known is left out."""
    body = turn.json()
    asked = body.get("inputIds") or []
    if len(asked) > _TRANSLATED or body.get("targetIdType") not in {"restId", "restImmutableEntryId"}:
        raise Refusal(400, "ErrorInvalidRequest", f"At most {_TRANSLATED} ids, into restId or restImmutableEntryId.")
    lasting = body["targetIdType"] == "restImmutableEntryId"
    found = [(each, item) for each in asked if (item := turn.mailbox.find(each))]
    rows = [{"sourceId": each, "targetId": item.id if lasting else item.passing_id} for each, item in found]
    return said_json(200, {"value": rows})


_FOLDER, _CONTACT = r"/contactFolders/(?P<folder>[^/]+)", r"/contacts/(?P<contact>[^/]+)"
_CATEGORY = "/outlook/masterCategories"
READ, WRITE, SETTINGS = "Contacts.Read", "Contacts.ReadWrite", "MailboxSettings.Read"
ROUTES: Sequence[tuple[str, str, Serve, str]] = (
    ("GET", "/contactFolders", _folders, READ),
    ("POST", "/contactFolders", _make_folder, WRITE),
    ("GET", _FOLDER, _folder, READ),
    ("PATCH", _FOLDER, _rename_folder, WRITE),
    ("DELETE", _FOLDER, _delete_folder, WRITE),
    ("GET", f"{_FOLDER}/childFolders", _children, READ),
    ("POST", f"{_FOLDER}/childFolders", _make_folder, WRITE),
    ("GET", f"(?:{_FOLDER})?/contacts/delta(?:\\(\\))?", delta, READ),
    ("GET", f"(?:{_FOLDER})?/contacts", _contacts, READ),
    ("POST", f"(?:{_FOLDER})?/contacts", _create, WRITE),
    ("GET", f"(?:{_FOLDER})?{_CONTACT}", _contact, READ),
    ("PATCH", f"(?:{_FOLDER})?{_CONTACT}", _update, WRITE),
    ("DELETE", f"(?:{_FOLDER})?{_CONTACT}", _delete, WRITE),
    ("GET", f"(?:{_FOLDER})?{_CONTACT}/photo", _photo, READ),
    ("GET", f"(?:{_FOLDER})?{_CONTACT}/photo/\\$value", _photo_bytes, READ),
    ("GET", _CATEGORY, _categories, SETTINGS),
    ("POST", _CATEGORY, _make_category, f"{SETTINGS}Write"),
    ("PATCH", f"{_CATEGORY}/(?P<category>[^/]+)", _recolour_category, f"{SETTINGS}Write"),
    ("DELETE", f"{_CATEGORY}/(?P<category>[^/]+)", _delete_category, f"{SETTINGS}Write"),
    ("POST", "/translateExchangeIds", _translate, READ),
)
"""Method, path below the user, what answers, and the right it needs."""
