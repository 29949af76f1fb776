"""How are the contacts of a Microsoft 365 mailbox read and written?"""

from carnet.mailboxes.graph.mailbox import GraphMailbox, open_mailbox

__all__ = ["GraphMailbox", "open_mailbox"]
