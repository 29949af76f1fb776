"""How does Exchange answer about names and ids?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from carnet.testing.emulators.ews_mailbox import EwsMailbox
from carnet.testing.emulators.ews_turn import Turn
from carnet.testing.emulators.ews_words import Element, made, message, name_of, required


def resolve_names(turn: Turn) -> Iterator[Element]:
    """Everybody in the directory whom a name may mean: by account, by the beginning of a name or of an address."""
    everything = turn.operation.get("ReturnFullContactData") == "true"
    for entry in turn.operation.findall(name_of("m:UnresolvedEntry")):
        found = [each for each in turn.mailboxes.values() if each.is_listed and _may_be(entry.text or "", each)]
        if not found:
            yield message(turn.name, code="ErrorNameResolutionNoResults", text="No results were found.")
            continue
        rows = [_resolution(each, everything=everything) for each in found]
        paging = {"TotalItemsInView": str(len(rows)), "IncludesLastItemInRange": "true"}
        set_ = made("m:ResolutionSet", *rows, **paging)
        if len(found) == 1:
            yield message(turn.name, set_)
        else:
            text = "Multiple results were found."
            yield message(turn.name, set_, code="ErrorNameResolutionMultipleResults", text=text, kind="Warning")


def convert_id(turn: Turn) -> Iterator[Element]:
    """Ids in another format; only ids of this interface are known."""
    for each in required(turn.operation, "m:SourceIds"):
        text = "Id is malformed."
        yield (
            message(turn.name, code="ErrorInvalidIdMalformed", text=text) if each.get("Id") == "DUMMY" else _converted(turn, each)
        )


def _converted(turn: Turn, each: Element) -> Element:
    named = {
        "Format": str(turn.operation.get("DestinationFormat")),
        "Id": str(each.get("Id")),
        "Mailbox": str(each.get("Mailbox")),
    }
    element = made("m:AlternateId", **named)
    element.set("{http://www.w3.org/2001/XMLSchema-instance}type", "t:AlternateIdType")
    return message(turn.name, element)


def _may_be(typed: str, mailbox: EwsMailbox) -> bool:
    wanted = typed.casefold().removeprefix("smtp:")
    known: Sequence[str] = (mailbox.user, *mailbox.name.split(), mailbox.name, mailbox.address, *mailbox.aliases)
    return any(each.casefold().startswith(wanted) for each in known)


def _resolution(mailbox: EwsMailbox, *, everything: bool) -> Element:
    who = made(
        "t:Mailbox",
        made("t:Name", mailbox.name),
        made("t:EmailAddress", mailbox.address),
        made("t:RoutingType", "SMTP"),
        made("t:MailboxType", "Mailbox"),
    )
    return made("t:Resolution", who, _card(mailbox) if everything else None)


def _card(mailbox: EwsMailbox) -> Element:
    """What the directory says: the primary address is the one whose prefix stands in capitals."""
    said = [f"SMTP:{mailbox.address}", *(f"smtp:{alias}" for alias in mailbox.aliases)]
    entries = [made("t:Entry", text, Key=f"EmailAddress{number}") for number, text in enumerate(said[:3], start=1)]
    return made(
        "t:Contact",
        made("t:DisplayName", mailbox.name),
        made("t:EmailAddresses", *entries),
        made("t:ContactSource", "ActiveDirectory"),
    )
