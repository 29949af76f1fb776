"""Which folders are offered, and which one is the default?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carnet.mailboxes.pst.entry_ids import node_of, source_key_of
from carnet.model.folder import Folder

CONTACTS_CLASS = "IPF.CONTACT"
_SYSTEM_CLASSES = tuple(
    f"{CONTACTS_CLASS}.{name}"
    for name in ("RECIPIENTCACHE", "GALCONTACTS", "MOC.", "PEOPLECENTRIC", "ORGANIZATIONALCONTACTS", "COMPANY")
)
_SUBTREE = "IPM_SUBTREE"
_SEARCH_FOLDER, _TYPE_BITS = 0x03, 0x1F

# The name that Outlook gives these folders in each of its languages, case folded.
_CONTACTS = frozenset(
    {
        *("contacts", "kontakte", "contactos", "contatti", "contatos", "contactpersonen", "kontakter", "kontakty", "kontakti"),
        *("kontaktid", "kontaktai", "névjegyek", "yhteystiedot", "kişiler", "contacte", "контакты", "контакти", "επαφές"),
        *("連絡先", "联系人", "連絡人", "연락처", "אנשי קשר", "جهات الاتصال"),
    }
)
_DELETED = frozenset(
    {
        *("deleted items", "éléments supprimés", "gelöschte elemente", "gelöschte objekte", "elementos eliminados"),
        *("posta eliminata", "itens excluídos", "itens eliminados", "verwijderde items", "borttaget", "slettet post"),
        *("slettede elementer", "elementy usunięte", "odstraněná pošta", "törölt elemek", "poistetut", "silinmiş öğeler"),
        *(
            "удаленные",
            "видалені",
            "διαγραμμένα",
            "削除済みアイテム",
            "已删除邮件",
            "刪除的郵件",
            "지운 편지함",
            "elemente șterse",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A folder as it stands in the file. `items` counts everything in it; `source_key` is there in Exchange's files."""

    id: int
    parent: int | None
    name: str
    folder_class: str = ""
    items: int = 0
    source_key: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Entry ids by which the file itself names folders; empty where it does not. `contacts` in the order of trust."""

    subtree: bytes = b""
    deleted: bytes = b""
    contacts: tuple[bytes, ...] = ()


def plain_class(text: str) -> str:
    """A folder class fit to compare: upper case, and repaired where 8-bit text stands in a 16-bit field."""
    if not text.isascii():
        text = text.encode("utf-16-le", "replace").replace(b"\0", b"").decode("ascii", "ignore")
    return text.strip().upper()


class Tree:
    """The folders of one file."""

    def __init__(self, nodes: Sequence[Node], landmarks: Landmarks) -> None:
        """Take the nodes, parents before children."""
        self._nodes = {node.id: node for node in nodes}
        self._landmarks = landmarks
        self._subtree = self._named_by(landmarks.subtree) or next(
            (node.id for node in nodes if node.name.upper() == _SUBTREE and not self._is_public(node)), None
        )
        self._deleted = self._find_deleted()

    def _is_public(self, node: Node) -> bool:
        return any("public" in self._nodes[id_].name.casefold() for id_ in self._ancestors(node.id))

    def _named_by(self, entry: bytes) -> int | None:
        node, key = node_of(entry), source_key_of(entry)
        if node in self._nodes:
            return node
        return next((found.id for found in self._nodes.values() if key and found.source_key == key), None)

    def _find_deleted(self) -> int | None:
        found = self._named_by(self._landmarks.deleted)
        if found is not None:
            return found
        return next((id_ for id_ in self._below_subtree() if self._nodes[id_].name.casefold() in _DELETED), None)

    def _below_subtree(self) -> list[int]:
        return [node.id for node in self._nodes.values() if node.parent == self._subtree and self._subtree is not None]

    def _ancestors(self, id_: int) -> list[int]:
        """The folder itself and what it stands in, the nearest first."""
        chain: list[int] = []
        at: int | None = id_
        while at is not None and at in self._nodes and at not in chain:
            chain.append(at)
            at = self._nodes[at].parent
        return chain

    def _left_out(self, id_: int) -> bool:
        """Search folders list what lies elsewhere; system and deleted folders go with all that is below them."""
        chain = self._ancestors(id_)
        if any(at & _TYPE_BITS == _SEARCH_FOLDER or at == self._deleted for at in chain):
            return True
        return any(plain_class(self._nodes[at].folder_class).startswith(_SYSTEM_CLASSES) for at in chain)

    def candidates(self) -> tuple[Node, ...]:
        """The folders that may hold contacts, in the file's order: all but search, system and deleted ones."""
        return tuple(node for node in self._nodes.values() if not self._left_out(node.id))

    def offered(self, counts: Mapping[int, int]) -> tuple[Folder, ...]:
        """The folders on offer, given the number of contacts in each candidate; the default one first."""
        nodes = [node for node in self.candidates() if self._says_contacts(node) or counts.get(node.id)]
        if not nodes:
            return ()
        ids = {node.id for node in nodes}
        default = self._default(nodes, counts)
        first = [node for node in nodes if default in self._ancestors(node.id)]
        rest = [node for node in nodes if default not in self._ancestors(node.id)]
        return tuple(self._folder(node, ids, default=default, count=counts.get(node.id, 0)) for node in (*first, *rest))

    @staticmethod
    def _says_contacts(node: Node) -> bool:
        return plain_class(node.folder_class).startswith(CONTACTS_CLASS)

    def _default(self, nodes: Sequence[Node], counts: Mapping[int, int]) -> int:
        """The folder the file names as its contacts, else the one of that name beside the inbox, else the fullest one."""
        ids = {node.id for node in nodes}
        for entry in self._landmarks.contacts:
            found = self._named_by(entry)
            if found in ids and found is not None:
                return found
        beside = [node for node in nodes if node.parent == self._subtree and self._says_contacts(node)]
        called = [node for node in beside if node.name.strip().casefold() in _CONTACTS]
        return (called or [max(nodes, key=lambda node: counts.get(node.id, 0))])[0].id

    def _folder(self, node: Node, offered: set[int], *, default: int, count: int) -> Folder:
        chain = self._ancestors(node.id)
        above = [] if node.id == default else [id_ for id_ in chain[1:] if id_ in offered]
        return Folder(
            id=str(node.id),
            name=node.name,
            path=self._path(chain),
            count=count,
            parent=str(above[0]) if above else None,
            is_default=node.id == default,
        )

    def _path(self, chain: Sequence[int]) -> tuple[str, ...]:
        """Names from below the mailbox's top to the folder."""
        if self._subtree in chain and chain[0] != self._subtree:
            chain = chain[: chain.index(self._subtree)]
        return tuple(self._nodes[id_].name for id_ in reversed(chain) if self._nodes[id_].name)
