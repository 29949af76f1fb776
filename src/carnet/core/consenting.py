"""Which rights does each feature need at Microsoft, and why?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from carnet.model.connection import Connection, Service


class Feature(StrEnum):
    """What somebody who connects a service wants to do with it."""

    SIGN_IN = "sign_in"
    ADD_CONTACTS = "add_contacts"
    SHOW_SHARED = "show_shared"
    WORK_IN_CRM = "work_in_crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One right that is asked for: its name at Microsoft, the feature that needs it, and what for.

    `own`: it belongs to the person's own environment, whose address stands before the name. `by_itself`: signing in asks for
    it, whether Carnet does or not.
    """

    name: str
    service: Service | None
    feature: Feature
    why: str
    own: bool = False
    by_itself: bool = False


SCOPES = (
    Scope(name="openid", service=None, feature=Feature.SIGN_IN, why="to sign in at all", by_itself=True),
    Scope(name="profile", service=None, feature=Feature.SIGN_IN, why="to show who signed in", by_itself=True),
    Scope(
        name="offline_access",
        service=None,
        feature=Feature.SIGN_IN,
        why="to go on without signing in again every hour",
        by_itself=True,
    ),
    Scope(
        name="User.Read",
        service=Service.GRAPH,
        feature=Feature.ADD_CONTACTS,
        why="to know whose mailbox it is: its primary address must be the CRM user's",
    ),
    Scope(
        name="Contacts.Read",
        service=Service.GRAPH,
        feature=Feature.ADD_CONTACTS,
        why="to read the contact folders of that person and their contacts; nothing is written to them",
    ),
    Scope(
        name="Contacts.Read.Shared",
        service=Service.GRAPH,
        feature=Feature.SHOW_SHARED,
        why="to name the contact folders of somebody who shares them with that person; none of their contacts is asked for",
    ),
    Scope(
        name="user_impersonation",
        service=Service.DATAVERSE,
        feature=Feature.WORK_IN_CRM,
        why="to read and write accounts and contacts in that person's name, with the rights they have in Dynamics 365",
        own=True,
    ),
)
"""Every right that Carnet asks for; a page of the reference is made from it."""

FEATURES: Mapping[Service, frozenset[Feature]] = MappingProxyType(
    {Service.GRAPH: frozenset({Feature.ADD_CONTACTS}), Service.DATAVERSE: frozenset({Feature.WORK_IN_CRM})}
)
"""What one can do with a service once it is connected."""


def wanted(connection: Connection) -> frozenset[Feature]:
    """What somebody wants to do with what they have connected: other people's folders are shown only where they are named."""
    more = {Feature.SHOW_SHARED} if connection.shared else set[Feature]()
    return FEATURES.get(connection.service, frozenset()) | more


def scopes_for(service: Service, url: str, features: Iterable[Feature]) -> tuple[str, ...]:
    """The least that these features need of the service at that address, as Microsoft wants it written."""
    chosen = set(features)
    mine = (each for each in SCOPES if each.service is service and each.feature in chosen and not each.by_itself)
    return tuple(f"{_root(url)}/{each.name}" if each.own else each.name for each in mine)


def whole(url: str) -> tuple[str, ...]:
    """What an application of the organisation asks for: all that its administrator has given it at that address, and no more."""
    return (f"{_root(url)}/.default",)


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
