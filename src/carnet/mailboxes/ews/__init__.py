"""How are the contacts of a mailbox on an Exchange server read and written?"""

from carnet.mailboxes.ews.mailbox import EwsMailbox, open_mailbox, require_on_premises

__all__ = ["EwsMailbox", "open_mailbox", "require_on_premises"]
