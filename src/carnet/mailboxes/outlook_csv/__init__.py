"""How are contacts read from table files (CSV), as Outlook, Google and Thunderbird export them?"""

from carnet.mailboxes.outlook_csv.detect import recognises
from carnet.mailboxes.outlook_csv.mailbox import CsvMailbox, open_mailbox

__all__ = ["CsvMailbox", "open_mailbox", "recognises"]
