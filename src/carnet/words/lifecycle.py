"""What does a person read before a contact is untracked or deleted?"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.core.lifecycle import Consequence, Event, Fate, Tie
from carnet.model.plan import Action, Entry
from carnet.model.tracking import Tracking
from carnet.words.catalogue import Words, msgid
from carnet.words.reasons import reason

TRACKINGS = {
    Tracking.NOT_TRACKED: msgid("Not tracked"),
    Tracking.PENDING: msgid("Pending"),
    Tracking.TRACKED: msgid("Tracked"),
}
BY_APP = msgid("tracked by Dynamics 365 App for Outlook")
EVENTS = {
    Event.UNTRACK_KEEP: msgid("Untrack and keep"),
    Event.UNTRACK_DELETE: msgid("Untrack and delete"),
    Event.DELETED_OURS: msgid("Deleted in Outlook"),
    Event.DELETED_THEIRS: msgid("Deleted in the CRM"),
}
_OURS = {
    Fate.KEPT: msgid("The contact stays in Outlook."),
    Fate.DELETED: msgid("The contact is deleted in Outlook."),
}
_THEIRS = {
    Fate.KEPT: msgid("It stays in the CRM."),
    Fate.DELETED: msgid("It is deleted in the CRM."),
}
_TIE = {
    Tie.CUT: msgid("The two are no longer linked."),
    Tie.BURIED: msgid("Carnet remembers that it was deleted: it does not come back."),
}


def consequence(words: Words, row: Consequence) -> str:
    """What becomes of both copies and of the link, in three sentences."""
    return " ".join((words.t(_OURS[row.ours]), words.t(_THEIRS[row.theirs]), words.t(_TIE[row.tie])))


def fate(words: Words, entry: Entry) -> str:
    """What one line of an untracking does to the CRM record."""
    if entry.action is Action.DELETE:
        return words.t("deleted in the CRM")
    if entry.reason:
        return words.t("stays in the CRM: {reason}", reason=reason(words, entry.reason))
    return words.t("stays in the CRM")


def summary(words: Words, entries: Sequence[Entry]) -> str:
    """How many links go, and how many CRM records with them."""
    gone = sum(entry.action is Action.DELETE for entry in entries)
    links = words.n("{n} contact is untracked", "{n} contacts are untracked", len(entries))
    if not gone:
        return words.t("{links}; nothing is deleted in the CRM.", links=links)
    deleted = words.n("{n} is deleted in the CRM", "{n} are deleted in the CRM", gone)
    return words.t("{links}; {deleted}.", links=links, deleted=deleted)
