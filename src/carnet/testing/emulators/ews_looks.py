"""How does Exchange give the files of an item, and the list of categories that Outlook keeps?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from carnet.testing.emulators.ews_fields import attached
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, Refusal, made, message, refused, required, text_of

LIST = "CategoryList"
_SPACE = "CategoryList.xsd"


def get_attachment(turn: Turn) -> Iterator[Element]:
    """Each of the files, with what it holds."""
    mine = {item.attachment(name): (item, name) for item in turn.me.items.values() for name in item.files}
    for named in required(turn.operation, "m:AttachmentIds"):
        if (found := mine.get(str(named.get("Id")))) is None:
            yield refused(turn.name, _gone(), made("m:Attachments"))
            continue
        yield message(turn.name, made("m:Attachments", attached(*found, whole=True)))


def get_user_configuration(turn: Turn) -> Iterator[Element]:
    """What Outlook keeps under a name in a folder: the list of categories, once there is one, with the calendar alone."""
    named = required(turn.operation, "m:UserConfigurationName")
    try:
        owner, place = turn.folder(named[0])
    except Refusal as refusal:
        yield refused(turn.name, refusal)
        return
    if (named.get("Name"), place.known_as) != (LIST, "calendar") or not owner.categories:
        yield refused(turn.name, _gone())
        return
    wanted = text_of(turn.operation, "m:UserConfigurationProperties").split()
    name = made("t:UserConfigurationName", made("t:FolderId", Id=place.id), Name=LIST)
    data = made("t:XmlData", base64.b64encode(_listed(owner)).decode()) if {"XmlData", "All"} & set(wanted) else None
    yield message(turn.name, made("m:UserConfiguration", name, data))


def _gone() -> Refusal:
    return Refusal("ErrorItemNotFound", "The specified object was not found in the store.")


def _listed(owner: EwsMailbox) -> bytes:
    """The list as Outlook writes it: colours are numbers, and -1 is none."""
    listed = etree.Element(f"{{{_SPACE}}}categories", {"lastSavedSession": "0"}, nsmap={None: _SPACE})
    for name, colour in owner.categories.items():
        number = colour.removeprefix("preset") if colour != "none" else "-1"
        guid = f"{{{str(uuid5(NAMESPACE_URL, name)).upper()}}}"
        etree.SubElement(listed, f"{{{_SPACE}}}category", {"name": name, "color": number, "usageCount": "1", "guid": guid})
    return bytes(etree.tostring(listed, encoding="utf-8", xml_declaration=True))
