"""Why was a contact, a folder or an undo left as it is?"""

from __future__ import annotations

from carnet.model.folder import DELEGATE, UNKNOWN, UNSEEN, UNSHARED
from carnet.model.reading import HeldBackReason, Repair
from carnet.words.catalogue import Words, msgid

REASONS = {
    "not_selected": msgid("Not selected"),
    "already": msgid("Already linked to the CRM"),
    "no_name": msgid("The card has neither a name nor a company"),
    "company_card": msgid("The card names a company and no person"),
    "person": msgid("The CRM may have this person already"),
    "duplicate": msgid("The CRM takes it for a duplicate"),
    "inactive": msgid("The matching CRM record is inactive"),
    "tracked": msgid("Another app tracks it as a record that is not here"),
    "question": msgid("The account is not decided"),
    "twin": msgid("Another card of the same person"),
    "twins": msgid("Another card may be the same person"),
    "changed": msgid("Changed meanwhile"),
    "card_changed": msgid("The card changed meanwhile"),
    "row": msgid("A line of its own in the table"),
    "account": msgid("Several accounts may be this company"),
    "companies": msgid("The cards of this person name different companies"),
    "conflict": msgid("The groups ask for different accounts"),
    "edited": msgid("Edited since the run"),
    "has_dependents": msgid("Activities or other records hang on it"),
    "linked_elsewhere": msgid("Other contacts are linked to it"),
    "keeps_name": msgid("It keeps its last name: the CRM asks for one"),
    "gone": msgid("No longer in the CRM"),
    "not_yours": msgid("It belongs to somebody else, and you may not delete it"),
}

FOLDERS = {
    DELEGATE: msgid("The folder belongs to somebody else: contacts of another person cannot be added"),
    UNSHARED: msgid(
        "Its owner shares no contacts folder with you; in Microsoft 365 the right Contacts.Read.Shared may be missing"
    ),
    UNKNOWN: msgid("There is no mailbox of this address"),
    UNSEEN: msgid("Its folders could not be seen just now"),
}

_OTHER_FOLDER = msgid("This folder cannot be selected")

REPAIRS = {
    "mistyped": msgid("A property is not of its type and was left out: {detail}"),
    "unreadable_note": msgid("The note cannot be read"),
    "unreadable_property": msgid("A property cannot be read: {detail}"),
    "ex_unresolved": msgid("An internal Exchange address has no e-mail address"),
    "not_an_email": msgid("This is no e-mail address and was left out"),
    "address_unsplit": msgid("An address could not be split into its parts"),
    "text-outside": msgid("There is text outside the cards"),
    "more-repairs": msgid("and {detail} more"),
    "card-not-closed": msgid("The card has no end; it was read all the same"),
    "stray-line": msgid("A line belongs to nothing and was left out"),
    "unknown-letters": msgid("Some letters are in an unknown encoding"),
    "unreadable-date": msgid("A date cannot be read: {detail}"),
    "damaged-base64": msgid("Encoded data is damaged and was left out"),
    "more-cells-than-titles": msgid("The row has more cells than the table has columns"),
    "private-not-understood": msgid("What stands in the column that says private is not understood: the row was held back"),
    "cells-shifted": msgid("The cells of the row have shifted: it was held back"),
    "unreadable-line": msgid("A line cannot be read and was left out"),
}

HELD_BACK = {
    HeldBackReason.PRIVATE: msgid("private"),
    HeldBackReason.PERSONAL: msgid("personal"),
    HeldBackReason.CONFIDENTIAL: msgid("confidential"),
}


def reason(words: Words, code: str) -> str:
    """An entry's reason in words; "" stays ""."""
    return words.t(REASONS[code]) if code else ""


def folder_reason(words: Words, code: str) -> str:
    """Why a folder cannot be ticked."""
    return words.t(FOLDERS.get(code, _OTHER_FOLDER))


def repair(words: Words, mended: Repair) -> str:
    """What the reader mended or left open."""
    if mended.code not in REPAIRS:
        return words.t("A detail was mended ({code})", code=mended.code)
    return words.t(REPAIRS[mended.code], detail=mended.detail)


def place(words: Words, text: str) -> str:
    """Where a record stood: readers say "line 12" or "item 2097796"."""
    kind, _, number = text.partition(" ")
    if kind in _PLACES and number.isdecimal():
        return words.t(_PLACES[kind], number=number)
    return text


_PLACES = {"line": msgid("line {number}"), "item": msgid("item {number}"), "row": msgid("row {number}")}
