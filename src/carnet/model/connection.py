"""Which service does a person's mailbox or CRM lie on, and who belongs to whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Service(StrEnum):
    """The services that Carnet talks to over the network."""

    GRAPH = "graph"
    """A mailbox of Microsoft 365."""
    EWS = "ews"
    """A mailbox of an Exchange server on premises."""
    DATAVERSE = "dataverse"
    """An environment of Dynamics 365."""

    @property
    def is_mailbox(self) -> bool:
        """Whether contacts are read from it; otherwise it is a CRM."""
        return self is not Service.DATAVERSE


class SignInKind(StrEnum):
    """Who signs in, and how."""

    PERSON = "person"
    """The person, at the identity provider."""
    APPLICATION = "application"
    """An application that the organisation registered, with a secret or a certificate of its own."""
    CREDENTIALS = "credentials"
    """The person, with a password kept in the vault (Exchange on premises)."""
    NONE = "none"
    """Nobody: a server on this computer that asks for nothing (the demo)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One service account that a person has connected.

    `url` is the service's base address; `authority` and `client_id` say where and as which application one signs in, `account`
    who did. `key` is the mailbox's or the organisation's name in links and runs, `address` the mailbox's or the CRM user's
    primary address, `owner` the id that its service gives that person. `shared` are the addresses of other people's mailboxes
    whose folders are shown beside those of this one, and not selected. `reading` is the mailbox as last read. Of a CRM,
    `chosen` says that contacts go there. Secrets are in the vault, under the connection's id.
    """

    id: str
    user: str
    service: Service
    label: str
    url: str
    key: str = ""
    address: str = ""
    owner: str = ""
    sign_in: SignInKind = SignInKind.PERSON
    shared: tuple[str, ...] = ()
    authority: str = ""
    client_id: str = ""
    account: str = ""
    reading: str = ""
    chosen: bool = True
    connected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """One mailbox belongs to one CRM user, and conversely."""

    mailbox: str
    crm: str
    crm_user: str
    address: str
