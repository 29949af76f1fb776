"""Do these first bytes begin a vCard file?"""

from __future__ import annotations

import re

from carnet.mailboxes.vcard.lines import plain_bytes

_BEGIN = re.compile(rb"(?i)\W{0,8}(?:[a-z0-9-]{1,20}\.)?BEGIN[ \t]*:[ \t]*VCARD[ \t]*")
_LINES_BEFORE = 3


def recognises(head: bytes) -> bool:
    """Whether a card begins near the top; a few other lines may stand before it, as some address books write them.

    A message or a calendar with a card inside it is no vCard file: more stands before the card.
    """
    before = 0
    for line in b"".join(plain_bytes([head])).replace(b"\r", b"\n").split(b"\n"):
        if _BEGIN.fullmatch(line):
            return True
        before += bool(line.strip())
        if before > _LINES_BEFORE or line.strip().upper().startswith(b"BEGIN:"):
            return False
    return False
