"""How are contacts read from vCard files (.vcf), whoever wrote them?"""

from carnet.mailboxes.vcard.mailbox import VcardMailbox, open_mailbox
from carnet.mailboxes.vcard.recognition import recognises

__all__ = ["VcardMailbox", "open_mailbox", "recognises"]
