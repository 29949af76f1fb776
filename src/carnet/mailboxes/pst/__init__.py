"""How are the contacts of an Outlook data file (PST, OST) read?

The parser is a C library fed with a stranger's file, so it runs in a child process (`child`). The child imports this package:
what stands here must stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from carnet.ports.mailbox import Mailbox, OpenOptions

MAGIC = b"!BDN"


def recognises(head: bytes) -> bool:
    """Whether a file that begins with those bytes (at least four) is an Outlook data file (MS-PST 2.2.2.6)."""
    return head.startswith(MAGIC)


def open_mailbox(path: Path, options: OpenOptions) -> Mailbox:
    """Open the file; raises NotFound, UnsupportedFile, DamagedFile, NeedsConsent("password"), Locked or Unavailable."""
    # Imported late, because the child must not load the parent's half.
    mailbox: Mailbox = import_module("carnet.mailboxes.pst.mailbox").PstMailbox(path, options)
    return mailbox
