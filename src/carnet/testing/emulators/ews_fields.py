"""Which element of an Exchange item holds which value, and in which order do they stand?"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

from carnet.testing.emulators.ews_mailbox import CONTACT, PHOTO, EwsItem, Value, moment
from carnet.testing.emulators.ews_words import Element, Refusal, local, made, text_of
from carnet.testing.emulators.graph_mailbox import property_id

BODY, TEXT_BODY, ATTACHMENTS = "item:Body", "item:TextBody", "item:Attachments"
LISTS = {"item:Categories": "Categories", "contacts:Children": "Children", "contacts:Companies": "Companies"}
INDEXED = {
    "EmailAddresses": "contacts:EmailAddress",
    "PhysicalAddresses": "contacts:PhysicalAddress",
    "PhoneNumbers": "contacts:PhoneNumber",
    "ImAddresses": "contacts:ImAddress",
}
"""Element of the entries → field URI."""
PARTS = ("Street", "City", "State", "CountryOrRegion", "PostalCode")
_BEFORE = (
    "ItemId",
    "ParentFolderId",
    "ItemClass",
    "Subject",
    "Sensitivity",
    BODY,
    ATTACHMENTS,
    "item:Categories",
    "DateTimeCreated",
)
_AFTER = ("LastModifiedTime", TEXT_BODY)
_CONTACT = (
    "FileAs",
    "FileAsMapping",
    "DisplayName",
    "GivenName",
    "Initials",
    "MiddleName",
    "Nickname",
    "CompanyName",
    "EmailAddresses",
    "PhysicalAddresses",
    "PhoneNumbers",
    "AssistantName",
    "Birthday",
    "BusinessHomePage",
    "contacts:Children",
    "contacts:Companies",
    "Department",
    "Generation",
    "ImAddresses",
    "JobTitle",
    "Manager",
    "Mileage",
    "OfficeLocation",
    "PostalAddressIndex",
    "Profession",
    "SpouseName",
    "Surname",
    "WeddingAnniversary",
    "HasPicture",
)
_LIST = ("DisplayName", "FileAs", "Members")
OF_ITEM = frozenset({"ItemClass", "Subject", "Sensitivity", "DateTimeCreated", "LastModifiedTime"})
OF_SERVICE = frozenset(
    {"contacts:Notes", "contacts:Photo", "contacts:PhoneticFirstName", "contacts:PhoneticLastName", "contacts:PhoneticFullName"}
    | {"contacts:HasPicture", TEXT_BODY, "item:DateTimeCreated", "item:LastModifiedTime", "item:ItemId", "item:ParentFolderId"}
)
"""What nobody may write."""
_NAMED = range(0x8000, 0xFFFF)
"""Tags of these are given to named properties, each mailbox in its own way."""
_SETS = {
    "Address": "00062004-0000-0000-c000-000000000046",
    "Common": "00062008-0000-0000-c000-000000000046",
    "PublicStrings": "00020329-0000-0000-c000-000000000046",
}


def path_of(element: Element) -> str:
    """The path that a FieldURI, IndexedFieldURI or ExtendedFieldURI names. Raises Refusal for one that is none."""
    kind = local(element)
    if kind == "FieldURI":
        return str(element.get("FieldURI"))
    if kind == "IndexedFieldURI":
        return f"{element.get('FieldURI')}/{element.get('FieldIndex')}"
    return extended_path(element)


def extended_path(element: Element) -> str:
    """The id of an extended property, as Microsoft Graph writes it."""
    said, kind = element.attrib, element.get("PropertyType")
    if "PropertyTag" in said:
        tag = said["PropertyTag"]
        number = int(tag, 16) if tag.lower().startswith("0x") else int(tag)
        if number in _NAMED:
            raise Refusal("ErrorInvalidExtendedProperty", "A tag of that range is no fixed one.")
        return property_id(f"{kind} {number:#x}")
    guid = str(said.get("PropertySetId") or _SETS.get(said.get("DistinguishedPropertySetId", ""), ""))
    if "PropertyId" in said:
        return property_id(f"{kind} {{{guid}}} Id {int(said['PropertyId']):#x}")
    return property_id(f"{kind} {{{guid}}} Name {said.get('PropertyName', '')}")


def extended_uri(path: str) -> Element:
    """The element that names an extended property."""
    kind, rest = path.split(" ", 1)
    if rest.startswith("0x"):
        return made("t:ExtendedFieldURI", PropertyTag=rest, PropertyType=kind)
    guid, how, name = rest.split(" ", 2)
    of = {"PropertyId": str(int(name, 16))} if how == "Id" else {"PropertyName": name}
    return made("t:ExtendedFieldURI", PropertySetId=guid.strip("{}"), PropertyType=kind, **of)


def shown(item: EwsItem, paths: Iterable[str], *, everything: bool = False) -> Element:
    """The item with the properties of those paths, in the order of the schema; its id stands always."""
    wanted = set(paths)

    def is_wanted(path: str) -> bool:
        return everything or path in wanted

    values = {path: value for path, value in item.values.items() if is_wanted(path)}
    if TEXT_BODY in wanted and BODY in item.values:
        values[TEXT_BODY] = item.values[BODY]
    values |= {path: value for path, value in _of_service(item).items() if is_wanted(path)}
    values |= {ATTACHMENTS: tuple(item.files)} if ATTACHMENTS in wanted and item.files else {}
    order = [*_BEFORE, *_AFTER, *(_CONTACT if item.kind == CONTACT else _LIST)]
    inside = [made("t:ItemId", Id=item.id, ChangeKey=item.change_key)]
    for name in order[1:]:
        if name == _AFTER[0]:
            inside += [_extended(path, item.extended[path]) for path in sorted(wanted & item.extended.keys())]
        inside += _elements(name, values, item=item, members=is_wanted("distributionlist:Members"))
    return made(f"t:{item.kind}", *inside)


def _elements(name: str, values: Mapping[str, Value], *, item: EwsItem, members: bool) -> list[Element]:
    if name == "ParentFolderId":
        return [made("t:ParentFolderId", Id=item.folder, ChangeKey="AQAAAA==")] if "item:ParentFolderId" in values else []
    if name in {"Members", ATTACHMENTS}:
        files = (attached(item, each) for each in item.files)
        whole = _members(item.members) if name == "Members" else made("t:Attachments", *files)
        return [whole] if len(whole) and (members if name == "Members" else name in values) else []
    if name in {BODY, TEXT_BODY}:
        return [made(f"t:{name.partition(':')[2]}", str(values[name]), BodyType="Text")] if name in values else []
    if name in LISTS:
        texts = values.get(name)
        return [made(f"t:{LISTS[name]}", *(made("t:String", text) for text in texts))] if texts else []
    if name in INDEXED:
        return _entries(name, values)
    path = f"{'item' if name in OF_ITEM else 'contacts'}:{name}"
    return [made(f"t:{name}", str(values[path]))] if path in values else []


def _of_service(item: EwsItem) -> dict[str, Value]:
    said: dict[str, Value] = {
        "item:ParentFolderId": item.folder,
        "item:ItemClass": "IPM.Contact" if item.kind == CONTACT else "IPM.DistList",
        "item:Sensitivity": item.values.get("item:Sensitivity", "Normal"),
        "item:DateTimeCreated": moment(item.number),
        "item:LastModifiedTime": moment(item.changed),
    }
    return said | ({"contacts:HasPicture": str(PHOTO in item.files).lower()} if item.kind == CONTACT else {})


def attached(item: EwsItem, name: str, *, whole: bool = False) -> Element:
    """A file of an item; what it holds stands there where it is asked for by its own id alone."""
    return made(
        "t:FileAttachment",
        made("t:AttachmentId", Id=item.attachment(name)),
        made("t:Name", name),
        made("t:ContentType", "image/jpeg" if name == PHOTO else "application/octet-stream"),
        made("t:Size", str(len(item.files[name]))),
        made("t:IsInline", "false"),
        made("t:IsContactPhoto", str(name == PHOTO).lower()),
        made("t:Content", base64.b64encode(item.files[name]).decode()) if whole else None,
    )


def _extended(path: str, value: str) -> Element:
    return made("t:ExtendedProperty", extended_uri(path), made("t:Value", value))


def _members(addresses: Sequence[str]) -> Element:
    def one(address: str) -> Element:
        mailbox = made("t:Mailbox", made("t:EmailAddress", address), made("t:RoutingType", "SMTP"))
        return made("t:Member", mailbox, made("t:Status", "Normal"))

    return made("t:Members", *map(one, addresses))


def _entries(name: str, values: Mapping[str, Value]) -> list[Element]:
    """The entries of an indexed property."""
    uri = INDEXED[name]
    if name == "PhysicalAddresses":
        found: dict[str, list[Element]] = {}
        for part in PARTS:
            for path, text in values.items():
                where, _, index = path.partition("/")
                if where == f"{uri}:{part}":
                    found.setdefault(index, []).append(made(f"t:{part}", str(text)))
        entries = [made("t:Entry", *found[index], Key=index) for index in sorted(found)]
    else:
        indexes = sorted(path.partition("/")[2] for path in values if path.startswith(f"{uri}/"))
        entries = [_entry(name, index, str(values[f"{uri}/{index}"])) for index in indexes]
    return [made(f"t:{name}", *entries)] if entries else []


def _entry(name: str, index: str, text: str) -> Element:
    if name != "EmailAddresses":
        return made("t:Entry", text, Key=index)
    routing = "EX" if text.startswith("/o=") else "SMTP"
    return made("t:Entry", text, Key=index, Name=text, RoutingType=routing, MailboxType="Contact")


def read(element: Element) -> tuple[dict[str, Value], dict[str, str]]:
    """The values and the extended properties that an item, or the item of one change, says. Raises Refusal."""
    values: dict[str, Value] = {}
    extended: dict[str, str] = {}
    for child in element:
        name = local(child)
        if name == "ExtendedProperty":
            extended[extended_path(child[0])] = text_of(child, "t:Value")
        elif name in INDEXED:
            values |= _read_entries(name, child)
        elif listed := next((path for path, tag in LISTS.items() if tag == name), ""):
            values[listed] = tuple(each.text or "" for each in child)
        elif name == "Body":
            values[BODY] = (child.text or "").replace("\r\n", "\n")
        else:
            values[f"{'item' if name in OF_ITEM else 'contacts'}:{name}"] = child.text or ""
    refuse_what_is_not_theirs([*values, *extended])
    return values, extended


def refuse_what_is_not_theirs(paths: Iterable[str]) -> None:
    """Raise Refusal where somebody wants to write what the service alone writes."""
    if wrong := sorted(set(paths) & OF_SERVICE):
        raise Refusal("ErrorInvalidPropertySet", f"Set action is invalid for property {wrong[0]}.")


def _read_entries(name: str, element: Element) -> dict[str, Value]:
    uri, found = INDEXED[name], dict[str, Value]()
    for entry in element:
        if name == "PhysicalAddresses":
            found |= {f"{uri}:{local(part)}/{entry.get('Key')}": part.text or "" for part in entry}
        else:
            found[f"{uri}/{entry.get('Key')}"] = entry.text or ""
    return found
