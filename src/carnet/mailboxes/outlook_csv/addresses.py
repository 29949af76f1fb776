"""Which e-mail addresses does a cell hold?"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r":::|[;,\n]")
_BRACKETED = re.compile(r"[<(\[]\s*(?:mailto:|smtp:)?([^<>()\[\]\s@]+@[^<>()\[\]\s@]+)\s*[>)\]]\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")
_SCHEME = re.compile(r"^(?:mailto|smtp):\s*", re.IGNORECASE)


def address_in(text: str) -> str:
    """The one address that a text is or ends with in brackets, "" where there is none."""
    bare = _SCHEME.sub("", text.strip())
    if _ADDRESS.fullmatch(bare):
        return bare
    match = _BRACKETED.search(bare)
    return match[1] if match and _ADDRESS.fullmatch(match[1]) else ""


def addresses(text: str) -> tuple[str, ...]:
    """Every address of a cell; () where any part of it is none."""
    one = address_in(text)
    if one and text.count("@") == 1:
        return (one,)
    found = tuple(address_in(part) for part in _SEPARATORS.split(text) if part.strip())
    return found if all(found) else ()


def is_exchange(text: str, kind: str) -> bool:
    """Whether this is the name of a mailbox within an Exchange organisation, not an address."""
    return kind.strip().upper() == "EX" or text.lstrip().casefold().startswith(("/o=", "/cn="))
