"""What is a field of a contact or an account called?"""

from __future__ import annotations

from datetime import date

from carnet.model.field import BY_KEY, Shape
from carnet.words.catalogue import Words, msgid

_OTHERS = {
    "name": msgid("Account name"),
    "website": msgid("Web site"),
    "parent": msgid("Company Name"),
    "categories": msgid("Categories"),
    "prefix": msgid("Title"),
    "file_as": msgid("File as"),
    "initials": msgid("Initials"),
    "im_address": msgid("IM address"),
    "office_location": msgid("Office location"),
    "profession": msgid("Profession"),
    "yomi_company": msgid("Yomi company"),
    "photo": msgid("Photo"),
    "private": msgid("Private"),
}


def field_label(words: Words, key: str) -> str:
    """The field's name; a key that no table knows is shown as it is, spaced."""
    if key in BY_KEY:
        return words.t(BY_KEY[key].label)
    if key.startswith("email") and key[5:].isdecimal():
        return f"{words.t(BY_KEY['email1'].label)} {key[5:]}"
    return words.t(_OTHERS[key]) if key in _OTHERS else key.replace("_", " ")


def field_value(words: Words, key: str, value: str) -> str:
    """The value as the reader writes it: an ISO date in words, anything else as it stands."""
    if key not in BY_KEY or BY_KEY[key].shape is not Shape.DATE:
        return value
    try:
        if value.startswith("--"):
            return words.day(date.fromisoformat(f"2000-{value[2:]}"))
        return words.date(date.fromisoformat(value))
    except ValueError:
        return value
