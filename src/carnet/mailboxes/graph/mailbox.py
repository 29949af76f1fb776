"""How does a Microsoft 365 mailbox keep the promises of a mailbox?"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence

from carnet.errors import NotAllowed, NotFound
from carnet.mailboxes.graph import examining, tree
from carnet.mailboxes.graph.client import GraphClient, trouble
from carnet.mailboxes.graph.reading import FolderReader, Prefetch, cursor_of, told
from carnet.mailboxes.graph.translate import EXPAND
from carnet.mailboxes.graph.writing import write
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.contact import Record
from carnet.model.examination import Observation
from carnet.model.folder import Folder
from carnet.model.reading import Changes, Column, MailboxIdentity, Page
from carnet.ports.mailbox import MailboxCapabilities
from carnet.transport.calls import Part
from carnet.transport.client import Client

_WHO = "id,displayName,mail,userPrincipalName,proxyAddresses"
_LARGEST = 512


def open_mailbox(client: Client, *, mailbox: str = "me", shared: Sequence[str] = ()) -> GraphMailbox:
    """The mailbox of who signed in, or of that user (id or address); `shared` are other people's: their folders are shown."""
    path = "/me" if mailbox == "me" else f"/users/{mailbox}"
    return GraphMailbox(GraphClient(client, path=path), shared=shared)


class GraphMailbox:
    """Contacts by way of Microsoft Graph (`carnet.ports.live.LiveMailbox`)."""

    def __init__(self, client: GraphClient, *, shared: Sequence[str] = ()) -> None:
        """Nothing is asked before it is needed."""
        self._client = client
        self._shared = tuple(shared)
        self._identity: MailboxIdentity | None = None
        self._folders: tuple[Folder, ...] = ()
        self._prefetch: Prefetch | None = None

    @property
    def capabilities(self) -> MailboxCapabilities:
        """It writes, has an address, keeps ids and tells what changed."""
        return MailboxCapabilities(writes=True, has_address=True, stable_ids=True, deltas=True, page_size=_LARGEST)

    def identity(self) -> MailboxIdentity:
        """Whose it is: the primary address, and the aliases beside it."""
        if self._identity is None:
            found = self._client.get(f"{self._client.path}?$select={_WHO}")
            proxies = [str(each) for each in found.get("proxyAddresses") or ()]
            primary = next((each[5:] for each in proxies if each.startswith("SMTP:")), "")
            address = str(primary or found.get("mail") or found.get("userPrincipalName") or "")
            aliases = [each[5:].lower() for each in proxies if each.lower().startswith("smtp:")]
            self._identity = MailboxIdentity(
                key=f"graph:{found.get('id', '')}",
                label=address or str(found.get("displayName") or "Microsoft 365"),
                kind="graph",
                address=address,
                aliases=tuple(alias for alias in aliases if alias != address.lower()),
            )
        return self._identity

    def folders(self) -> tuple[Folder, ...]:
        """One's own, the default one first, then those of other people that are shown beside them."""
        self._folders = (*tree.own(self._client), *tree.of_others(self._client, self._shared))
        return self._folders

    def prepare(self, folders: Sequence[str]) -> None:
        """Fetch those folders side by side from here on: they will be read, in this order."""
        if self._prefetch is None and len(folders) > 1:
            self._prefetch = Prefetch(self._client, list(folders))

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder; NotFound, NotAllowed for somebody else's, Refused for a cursor of something else."""
        known = {each.id: each for each in self._folders or self.folders()}
        if folder not in known:
            raise NotFound("The mailbox has no folder {folder}.", "Choose one of the folders on offer.", folder=folder)
        if not known[folder].selectable:
            raise NotAllowed("This folder belongs to somebody else.", "Choose a folder of your own.")
        state = cursor_of(cursor, folder) if cursor else None
        if state is None and self._prefetch is not None and self._prefetch.has(folder):
            return self._prefetch.pages(folder)
        return FolderReader(self._client, folder).pages(state)

    def changes(self, since: Mapping[str, str]) -> Changes:
        """What became of those folders, every one read before anything is said to be gone."""
        rows, cursors, expired = self._deltas(since)
        changed = [identity for identity, folder in rows.items() if folder]
        gone = [identity for identity, folder in rows.items() if not folder]
        found = self._client.batch([self._one(identity) for identity in changed])
        missing = [identity for identity, reply in zip(changed, found, strict=True) if reply.status == _MISSING]
        for reply in found:
            if not reply.is_success and reply.status != _MISSING:
                raise trouble(reply)
        told_ = [told(reply.body) for reply in found if reply.is_success]
        records = tuple(each.record for each in told_ if each.record and each.record.folder in since)
        held = tuple(each.held_back for each in told_ if each.held_back)
        away = [each.record.id for each in told_ if each.record and each.record.folder not in since]
        private = [each.key for each in held]
        return Changes(
            records=records,
            held_back=held,
            skipped=tuple(each.skipped for each in told_ if each.skipped),
            gone=(*(f"i:{identity}" for identity in (*gone, *missing)), *private, *away),
            cursors=cursors,
            expired=expired,
        )

    def write(self, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
        """Write them, in order; one receipt each."""
        return write(self._client, writes)

    def categories(self) -> Mapping[str, str]:
        """The categories of the person by name, with their colours. Raises NotAllowed without the right MailboxSettings.Read."""
        pages = self._client.pages(f"{self._client.path}/outlook/masterCategories", right="MailboxSettings.Read")
        return {str(each["displayName"]): str(each.get("color") or "none") for page in pages for each in page.get("value", ())}

    def photos(self, records: Sequence[Record]) -> Mapping[str, str]:
        """The SHA-256 of the photo of each of those that has one now."""
        url = f"{self._client.path}/contacts/{{}}/photo/$value"
        parts = [Part(method="GET", url=url.format(each.id.removeprefix("i:"))) for each in records]
        found: dict[str, str] = {}
        for record, reply in zip(records, self._client.batch(parts), strict=True):
            if reply.is_success:
                found[record.id] = hashlib.sha256(base64.b64decode(reply.content)).hexdigest()
            elif reply.status != _MISSING:
                raise trouble(reply)
        return found

    def examine(self) -> Iterator[Observation]:
        """What only this mailbox can tell (`carnet.ports.examined.Examined`); nothing is written."""
        return examining.examine(self._client, shared=self._shared)

    def columns(self) -> tuple[Column, ...]:
        """None: this is no table."""
        return ()

    def close(self) -> None:
        """Let go of what is fetched ahead, and of the connections."""
        if self._prefetch is not None:
            self._prefetch.close()
            self._prefetch = None
        self._client.close()

    def _one(self, identity: str) -> Part:
        return Part(method="GET", url=f"{self._client.path}/contacts/{identity}?$expand={EXPAND}")

    def _deltas(self, since: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
        """Contact id → the folder it is in now ("" where it is in none of them), new cursors, and the folders that expired."""
        links = {folder: self._client.relative(link) for folder, link in since.items()}
        rows: dict[str, str] = {}
        removed: set[str] = set()
        cursors: dict[str, str] = {}
        expired: set[str] = set()
        while links:
            asked = list(links.items())
            links = {}
            prefer = {"Prefer": f'IdType="ImmutableId", odata.maxpagesize={_LARGEST}'}
            replies = self._client.batch([Part(method="GET", url=link, headers=prefer) for _, link in asked])
            for (folder, _), reply in zip(asked, replies, strict=True):
                if reply.is_expired:
                    expired.add(folder)
                    continue
                if not reply.is_success:
                    raise trouble(reply)
                for each in reply.body.get("value", ()):
                    if "@removed" in each:
                        removed.add(str(each["id"]))
                    else:
                        rows[str(each["id"])] = folder
                if more := reply.body.get("@odata.nextLink"):
                    links[folder] = self._client.relative(more)
                else:
                    cursors[folder] = str(reply.body["@odata.deltaLink"])
        return {**dict.fromkeys(removed - rows.keys(), ""), **rows}, cursors, frozenset(expired)


_MISSING = 404
