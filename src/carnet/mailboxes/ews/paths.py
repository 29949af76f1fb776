"""By which path does Exchange name a property, and how does a contact say it?

A path is a field URI ("contacts:Surname"), an index of one ("contacts:PhoneNumber/Pager"), or an extended property by its MAPI
type and name ("String 0x3a07", "String {property set} Id 0x802c", "String {property set} Name crmid").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from carnet.mailboxes.ews.node import Node, node

Value = str | tuple[str, ...]
"""A text, or the texts of a list."""
BODY, TEXT_BODY, CATEGORIES, CHILDREN = "item:Body", "item:TextBody", "item:Categories", "contacts:Children"
UNPARSED = " unparsed"
"""What follows the path of an e-mail address that is none which can be sent to."""
_LISTS = {CATEGORIES, CHILDREN}
_DICTIONARIES = {
    "contacts:EmailAddress": "EmailAddresses",
    "contacts:PhysicalAddress": "PhysicalAddresses",
    "contacts:PhoneNumber": "PhoneNumbers",
    "contacts:ImAddress": "ImAddresses",
}
_URIS = {element: uri for uri, element in _DICTIONARIES.items()}
_ORDER = (
    "Sensitivity",
    "Body",
    "Categories",
    "ExtendedProperty",
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
    "Children",
    "Department",
    "Generation",
    "ImAddresses",
    "JobTitle",
    "Manager",
    "OfficeLocation",
    "Profession",
    "SpouseName",
    "Surname",
    "WeddingAnniversary",
)
_PARTS = ("Street", "City", "State", "CountryOrRegion", "PostalCode")
_OF_ITEM = frozenset({"Sensitivity", "Body", "TextBody", "Categories", "DateTimeCreated"})


def uri(path: str) -> Node:
    """The element that names a property."""
    if " " in path:
        return _extended(path)
    where, _, index = path.partition("/")
    if index:
        return node("t:IndexedFieldURI", FieldURI=where, FieldIndex=index)
    return node("t:FieldURI", FieldURI=where)


def asked_for(paths: Iterable[str]) -> Node:
    """What to ask for, to be shown those; all indexes of one property come by asking for each of them."""
    return node("t:AdditionalProperties", *(uri(path) for path in paths))


def contact(values: Mapping[str, Value]) -> Node:
    """A contact that says those, in the order of the schema."""
    elements: dict[str, Node] = {}
    extended: list[Node] = []
    for path, value in values.items():
        said = _element(path, value)
        if said.name == "t:ExtendedProperty":
            extended.append(said)
        elif said.name in elements:
            elements[said.name] = _joined(elements[said.name], said)
        else:
            elements[said.name] = said
    ordered: list[Node] = []
    for name in _ORDER:
        ordered += extended if name == "ExtendedProperty" else [each for each in (elements.get(f"t:{name}"),) if each]
    return node("t:Contact", *ordered)


def changes(values: Mapping[str, Value | None]) -> list[Node]:
    """One change of each property, None clears it; the body is emptied, for it cannot be taken away."""
    said: list[Node] = []
    for path, value in values.items():
        if value or path == BODY:
            said.append(node("t:SetItemField", uri(path), node("t:Contact", _element(path, value or ""))))
        else:
            said.append(node("t:DeleteItemField", uri(path)))
    return said


def said_by(item: Node) -> dict[str, Value]:
    """What a contact says, by path. A list is a tuple; an e-mail address that is no SMTP one has a path of its own."""
    found: dict[str, Value] = {}
    for child in item.inside:
        name = child.name.removeprefix("t:")
        if name == "ExtendedProperty":
            found[_path(child.inside[0])] = child.said("t:Value")
        elif name in _URIS:
            found.update(_entries(_URIS[name], child))
        elif name in {"Categories", "Children"}:
            found[_full(name)] = tuple(each.text for each in child.inside)
        elif not child.inside:
            found[_full(name)] = child.text
    return found


def _full(name: str) -> str:
    return f"{'item' if name in _OF_ITEM else 'contacts'}:{name}"


def _element(path: str, value: Value) -> Node:
    if " " in path:
        return node("t:ExtendedProperty", _extended(path), node("t:Value", _text(value)))
    where, _, index = path.partition("/")
    name = where.partition(":")[2]
    if path in _LISTS:
        texts: Sequence[str] = value if isinstance(value, tuple) else (value,)
        return node(f"t:{name}", *(node("t:String", text) for text in texts))
    if index:
        return _entry(where, index, _text(value))
    return node(f"t:{name}", _text(value), **({"BodyType": "Text"} if path == BODY else {}))


def _entry(where: str, index: str, text: str) -> Node:
    whole, _, part = where.removeprefix("contacts:").partition(":")
    element = _DICTIONARIES[f"contacts:{whole}"]
    if part:
        return node(f"t:{element}", node("t:Entry", node(f"t:{part}", text), Key=index))
    return node(f"t:{element}", node("t:Entry", text, Key=index))


def _joined(first: Node, second: Node) -> Node:
    """Two dictionaries as one; the parts of one postal address stand together, in the order of the schema."""
    entries = {each.get("Key"): each for each in first.inside}
    for each in second.inside:
        key = each.get("Key")
        parts = sorted((*(entries[key].inside if key in entries else ()), *each.inside), key=_place)
        entries[key] = node("t:Entry", each.text, *parts, Key=key)
    return node(first.name, *entries.values())


def _place(part: Node) -> int:
    return _PARTS.index(part.name.removeprefix("t:"))


def _entries(where: str, dictionary: Node) -> Iterator[tuple[str, Value]]:
    for entry in dictionary.inside:
        index = entry.get("Key")
        if entry.inside:
            yield from ((f"{where}:{part.name.removeprefix('t:')}/{index}", part.text) for part in entry.inside)
        elif where == "contacts:EmailAddress" and entry.get("RoutingType") not in {"", "SMTP"}:
            yield f"{where}/{index}{UNPARSED}", entry.get("Name") or entry.text
        else:
            yield f"{where}/{index}", entry.text


def _extended(path: str) -> Node:
    kind, named = path.split(" ", 1)
    if named.startswith("0x"):
        return node("t:ExtendedFieldURI", PropertyTag=named, PropertyType=kind)
    guid, how, name = named.split(" ", 2)
    of = {"PropertyId": str(int(name, 16))} if how == "Id" else {"PropertyName": name}
    return node("t:ExtendedFieldURI", PropertySetId=guid.strip("{}"), PropertyType=kind, **of)


def _path(named: Node) -> str:
    """The path of an extended property as the server names it: numbers in any base, well-known sets by their name."""
    kind, tag = named.get("PropertyType"), named.get("PropertyTag")
    if tag:
        return f"{kind} {int(tag, 0):#x}"
    guid = named.get("PropertySetId").lower() or _SETS.get(named.get("DistinguishedPropertySetId"), "")
    if number := named.get("PropertyId"):
        return f"{kind} {{{guid}}} Id {int(number):#x}"
    return f"{kind} {{{guid}}} Name {named.get('PropertyName')}"


_SETS = {
    "Address": "00062004-0000-0000-c000-000000000046",
    "Common": "00062008-0000-0000-c000-000000000046",
    "PublicStrings": "00020329-0000-0000-c000-000000000046",
}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)
