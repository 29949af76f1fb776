"""How does a mailbox of an Exchange server keep the promises of a mailbox?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from carnet.errors import Expired, NotAllowed, NotFound, Refused
from carnet.mailboxes.ews import asking, examining, looks, tree
from carnet.mailboxes.ews.client import EwsClient
from carnet.mailboxes.ews.finding import Finder
from carnet.mailboxes.ews.node import Node
from carnet.mailboxes.ews.reading import Reader, State, Step, Told, state_of
from carnet.mailboxes.ews.writing import Writer
from carnet.model.card import CardReceipt, CardWrite
from carnet.model.contact import Record
from carnet.model.examination import Observation
from carnet.model.folder import Folder
from carnet.model.reading import Changes, Column, MailboxIdentity, Page
from carnet.ports.mailbox import MailboxCapabilities
from carnet.transport.gate import Gate

_ONLINE = ("office365.com", "outlook.office.com", "outlook.com", "outlook.cn")


def require_on_premises(url: str) -> None:
    """Raise Refused for Exchange Online, which answers this interface no longer."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if any(host == each or host.endswith(f".{each}") for each in _ONLINE):
        raise Refused(
            "This mailbox is in Exchange Online, which no longer answers Exchange Web Services.",
            "Connect it as Microsoft 365 instead.",
        )


def open_mailbox(url: str, *, user: str, password: Callable[[], str], gate: Gate, shared: Sequence[str] = ()) -> EwsMailbox:
    """The mailbox of that user; `shared` are other people's: their folders are shown. Raises Refused for Exchange Online."""
    require_on_premises(url)
    return EwsMailbox(EwsClient(url, user=user, password=password, gate=gate), shared=shared)


class EwsMailbox:
    """Contacts by way of Exchange Web Services (`carnet.ports.live.LiveMailbox`)."""

    def __init__(self, client: EwsClient, *, shared: Sequence[str] = ()) -> None:
        """Nothing is asked before it is needed."""
        self._client = client
        self._shared = tuple(shared)
        self._reader = Reader(client)
        self._finder = Finder(client, self._reader, self._own)
        self._writer = Writer(client, self._reader, self._finder)
        self._identity: MailboxIdentity | None = None
        self._folders: tuple[Folder, ...] = ()

    @property
    def capabilities(self) -> MailboxCapabilities:
        """It writes, has an address, keeps ids and tells what changed."""
        return MailboxCapabilities(writes=True, has_address=True, stable_ids=True, deltas=True, page_size=asking.PAGE)

    def identity(self) -> MailboxIdentity:
        """Whose it is: the primary address, and the aliases beside it.

        The directory says who may have that name; only who has the folder that this sign-in opens is meant. Raises NotAllowed
        where nobody has.
        """
        if self._identity is None:
            people = self._people()
            mine, *theirs = self._client.ask(asking.known_folders(asking.CONTACTS, of=people))
            own = tree.folder_id(mine.node)
            found = next(
                (who for who, each in zip(people, theirs, strict=True) if own and tree.folder_id(each.node) == own), None
            )
            if found is None:
                raise NotAllowed(
                    "The server does not say which address the user {user} has.",
                    "Give the user name as an e-mail address, or ask the administrator.",
                    user=self._client.user,
                )
            self._client.anchor = found
            self._identity = MailboxIdentity(
                key=f"ews:{hashlib.sha256(own.encode()).hexdigest()[:32]}",
                label=found,
                kind="ews",
                address=found,
                aliases=tuple(alias for alias in people[found] if alias != found.lower()),
            )
        return self._identity

    def folders(self) -> tuple[Folder, ...]:
        """One's own, the default one first, then those of other people that are shown beside them."""
        self._folders = (*tree.own(self._client), *tree.of_others(self._client, self._shared))
        return self._folders

    def prepare(self, folders: Sequence[str]) -> None:
        """Nothing is fetched ahead: an Exchange server of one's own is asked for one thing after the other."""

    def read(self, folder: str, cursor: str | None = None) -> Iterator[Page]:
        """The pages of one folder; NotFound, NotAllowed for somebody else's, Refused for a cursor of something else."""
        known = {each.id: each for each in self._folders or self.folders()}
        if folder not in known:
            raise NotFound("The mailbox has no folder {folder}.", "Choose one of the folders on offer.", folder=folder)
        if not known[folder].selectable:
            raise NotAllowed("This folder belongs to somebody else.", "Choose a folder of your own.")
        state = state_of(cursor, folder) if cursor else State(folder=folder)
        return self._reader.pages(folder, state)

    def changes(self, since: Mapping[str, str]) -> Changes:
        """What became of those folders, every one read before anything is said to be gone."""
        steps: dict[str, Step] = {}
        states: dict[str, State] = {}
        expired: set[str] = set()
        for folder, cursor in since.items():
            try:
                states[folder] = state_of(cursor, folder)
                steps[folder] = self._reader.changes(states[folder])
            except (Expired, Refused):
                expired.add(folder)
        if expired:
            return Changes(expired=frozenset(expired))
        return self._told(states, steps)

    def write(self, writes: Sequence[CardWrite]) -> tuple[CardReceipt, ...]:
        """Write them, in order; one receipt each."""
        return self._writer.write(writes)

    def categories(self) -> Mapping[str, str]:
        """The categories of the person by name, with their colours."""
        return looks.categories(self._client)

    def photos(self, records: Sequence[Record]) -> Mapping[str, str]:
        """The SHA-256 of the photo of each of those that has one now."""
        return looks.photos(self._client, self._finder, records)

    def examine(self) -> Iterator[Observation]:
        """What only this mailbox can tell (`carnet.ports.examined.Examined`); nothing is written."""
        return examining.examine(self._client, self._reader, identity=self.identity, folders=self.folders)

    def columns(self) -> tuple[Column, ...]:
        """None: this is no table."""
        return ()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _told(self, states: Mapping[str, State], steps: Mapping[str, Step]) -> Changes:
        """What went is forgotten first, in every folder: what came elsewhere may be the same record."""
        known = {folder: dict(state.records) for folder, state in states.items()}
        gone = [record for folder, step in steps.items() for record in self._reader.forget(step.gone, known[folder])]
        told = Told()
        for folder, step in steps.items():
            found = self._reader.told(folder, step.present, known[folder])
            told.records += found.records
            told.held_back += found.held_back
            told.skipped += found.skipped
        here = {each.id for each in told.records}
        private = [each.key for each in told.held_back]
        return Changes(
            records=tuple(told.records),
            held_back=tuple(told.held_back),
            skipped=tuple(told.skipped),
            gone=tuple(dict.fromkeys(each for each in (*gone, *private) if each not in here)),
            cursors={
                folder: State(folder=folder, sync=step.sync, records=known[folder]).seal() for folder, step in steps.items()
            },
        )

    def _own(self) -> list[str]:
        return [each.id for each in self._folders or self.folders() if each.selectable]

    def _people(self) -> dict[str, tuple[str, ...]]:
        """Who may have signed in, by primary address, with every address of theirs."""
        user = self._client.user
        for name in dict.fromkeys((user, user.rpartition("\\")[2], user.partition("@")[0])):
            told = self._client.ask(asking.who(name))
            rows = [row for each in told if each.is_success for row in each.node.each("m:ResolutionSet")]
            if rows:
                return {row.said("t:Mailbox", "t:EmailAddress"): _addresses(row) for row in rows}
        return {}


def _addresses(row: Node) -> tuple[str, ...]:
    """Every SMTP address that the directory has for somebody, in lower case."""
    said = [each.text.lower() for each in row.each("t:Contact", "t:EmailAddresses")]
    return tuple(each.removeprefix("smtp:") for each in said if each.startswith("smtp:"))
