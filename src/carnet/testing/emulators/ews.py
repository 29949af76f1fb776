"""How does an Exchange server on premises answer about contacts?

An emulator of Exchange Web Services: it behaves as Microsoft documents, and where practice differs, as `tests/emulators`
names fact by fact.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping

from carnet.testing.emulators.ews_folders import find_folder, get_folder
from carnet.testing.emulators.ews_items import create_item, delete_item, find_item, get_item, update_item
from carnet.testing.emulators.ews_looks import get_attachment, get_user_configuration
from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.ews_names import convert_id, resolve_names
from carnet.testing.emulators.ews_sync import sync_hierarchy, sync_items
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, Refusal, fault, local, reply, request_of
from carnet.testing.emulators.faults import Asked, Fault, Said, Trouble
from carnet.testing.emulators.server import Emulator

PATH = "/EWS/Exchange.asmx"
LARGEST_PAGE = 512
VERSIONS: tuple[str, ...] = (
    "Exchange2016",
    "Exchange2015",
    "Exchange2013_SP1",
    "Exchange2013",
    "Exchange2010_SP2",
    "Exchange2010",
)
Serve = Callable[[Turn], Iterator[Element]]
OPERATIONS: Mapping[str, Serve] = {
    "GetFolder": get_folder,
    "FindFolder": find_folder,
    "SyncFolderItems": sync_items,
    "SyncFolderHierarchy": sync_hierarchy,
    "GetItem": get_item,
    "FindItem": find_item,
    "CreateItem": create_item,
    "UpdateItem": update_item,
    "DeleteItem": delete_item,
    "GetAttachment": get_attachment,
    "GetUserConfiguration": get_user_configuration,
    "ResolveNames": resolve_names,
    "ConvertId": convert_id,
}


class EwsEmulator(Emulator):
    """Contacts of Exchange on loopback: one endpoint, Basic sign-in by the account's name, with or without domain, or by address.

    `largest_page` caps the changes of a page. `versions` are the versions of the interface that it speaks, newest first.
    """

    def __init__(self, *mailboxes: EwsMailbox, largest_page: int = LARGEST_PAGE, latency: float = 0.0) -> None:
        """The mailboxes of one organisation."""
        super().__init__(latency=latency)
        self.mailboxes = {each.user: each for each in mailboxes or (EwsMailbox("me"),)}
        self.largest_page = largest_page
        self.versions: tuple[str, ...] = VERSIONS

    @property
    def url(self) -> str:
        """The service's address."""
        return self.root + PATH

    @property
    def mine(self) -> EwsMailbox:
        """The first mailbox."""
        return next(iter(self.mailboxes.values()))

    def user_of(self, authorization: str) -> str:
        """Whose name and password those are, "" for nobody's."""
        kind, _, sealed = authorization.partition(" ")
        if kind.lower() != "basic":
            return ""
        try:
            known = base64.b64decode(sealed, validate=True)
        except binascii.Error:
            return ""
        try:
            name, _, password = known.decode().partition(":")
        except UnicodeDecodeError:  # clients of an older standard write Latin-1
            name, _, password = known.decode("latin-1").partition(":")
        short = name.rpartition("\\")[2].lower()
        for each in self.mailboxes.values():
            if short in {each.user.lower(), each.address.lower()} and password == each.password:
                return each.user
        return ""

    def refuse(self, asked: Asked) -> Said:
        """Who are you?"""
        del asked
        return Said(status=401, headers={"WWW-Authenticate": 'Basic realm="contoso"', "content-type": "text/html"})

    def answer(self, asked: Asked) -> Said:
        """What the operation says; a fault where it is none, or where the whole of it is refused."""
        if asked.path.lower() != PATH.lower():
            return Said(status=404, headers={"content-type": "text/html"})
        try:
            operation = self._operation(asked)
            mine = self.mailboxes[asked.user]
            turn = Turn(
                asked=asked,
                operation=operation,
                me=mine,
                mailboxes=self.mailboxes,
                faults=self.faults,
                largest=self.largest_page,
            )
            with mine.lock:
                return reply(turn.name, list(OPERATIONS[turn.name](turn)))
        except Refusal as refusal:
            return fault(refusal)

    def _operation(self, asked: Asked) -> Element:
        operation, version = request_of(asked.body)
        if version not in self.versions:
            raise Refusal("ErrorInvalidServerVersion", "The specified server version is invalid.", soap=True)
        if local(operation) not in OPERATIONS:
            raise Refusal("ErrorInvalidRequest", "The request is invalid.", soap=True)
        return operation


def operation_of(asked: Asked) -> str:
    """What a request asks for, as in "GetItem"; "" where it is no SOAP."""
    found = re.search(rb"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)", asked.body)
    return found[1].decode() if found else ""


def asks(*operations: str) -> Callable[[Asked], bool]:
    """Whether a request asks for one of those."""
    return lambda asked: operation_of(asked) in operations


def busy(*operations: str, seconds: float = 0.0, times: int = 1) -> Fault:
    """The server is too busy for those operations, and says for how long to leave it alone."""
    values = {"BackOffMilliseconds": str(round(seconds * 1000))} if seconds else {}
    said = fault(Refusal("ErrorServerBusy", "The server cannot service this request right now.", soap=True, values=values))
    return Fault(
        trouble=Trouble.STATUS,
        when=asks(*operations),
        times=times,
        status=said.status,
        headers=said.headers,
        body=said.body,
    )
