"""What is asked of a computer, a service or a CRM, and how is the answer called?"""

from __future__ import annotations

from carnet.core.examining import NO, NONE, YES
from carnet.model.examination import Measure, Observation, Subject
from carnet.words.catalogue import Words, msgid

SUBJECTS = {
    Subject.COMPUTER: msgid("This computer"),
    Subject.STORE: msgid("Carnet’s database"),
    Subject.GRAPH: msgid("Microsoft 365, mailbox {number}"),
    Subject.EWS: msgid("Exchange, mailbox {number}"),
    Subject.EMBEDDED: msgid("The embedded CRM"),
    Subject.DATAVERSE: msgid("Dynamics 365"),
}
QUESTIONS = {
    Measure.SYSTEM: msgid("System"),
    Measure.LANGUAGE: msgid("Language, locale, country, encoding"),
    Measure.HOME_RIGHTS: msgid("Rights of Carnet’s folder"),
    Measure.FREE_SPACE: msgid("Free space in Carnet’s folder"),
    Measure.VAULT: msgid("Where secrets are kept"),
    Measure.PROXY: msgid("Proxy settings"),
    Measure.CERTIFICATES: msgid("Further certification authorities"),
    Measure.REVISION: msgid("Version of the tables"),
    Measure.ENGINE: msgid("Version of the database program"),
    Measure.WHOLE: msgid("Is the file whole?"),
    Measure.LOG: msgid("Kind of log"),
    Measure.SIZE: msgid("Size of the file"),
    Measure.RECORDS: msgid("Accounts / contacts"),
    Measure.DETECTION: msgid("Are duplicates looked for?"),
    Measure.PUBLISHED: msgid("Published duplicate rules: accounts / contacts"),
    Measure.GRANTED: msgid("Permissions granted"),
    Measure.CERTIFICATE_DAYS: msgid("Days that the application’s certificate still holds"),
    Measure.CLOCK: msgid("Difference from the server’s clock"),
    Measure.SPEED: msgid("Requests / usual time / longest time"),
    Measure.ANSWERED: msgid("Could everything be asked?"),
    Measure.GRAPH_IDENTITY: msgid("Whose mailbox it is"),
    Measure.GRAPH_PRIMARY: msgid("Is the primary address told apart?"),
    Measure.GRAPH_ALIASES: msgid("Aliases"),
    Measure.GRAPH_DEFAULT: msgid("The default folder by its well-known name"),
    Measure.GRAPH_DEFAULT_LISTED: msgid("Does the list of folders name the default one?"),
    Measure.GRAPH_FOLDERS: msgid("Folders listed / below the default one"),
    Measure.GRAPH_CONTACTS: msgid("Contacts in all / in the largest folder"),
    Measure.GRAPH_BATCH: msgid("Answers to a batch of 20"),
    Measure.GRAPH_DELTA_USUAL_PAGE: msgid("Rows of a page of changes, where none is asked for"),
    Measure.GRAPH_DELTA_LARGEST_PAGE: msgid("Rows of a page of changes, where 1,000 are asked for"),
    Measure.GRAPH_DELTA_TOP: msgid("$top with changes"),
    Measure.GRAPH_DELTA_EXPAND: msgid("$expand with changes"),
    Measure.GRAPH_DELTA_IDLE: msgid("Rows told again by a fresh token"),
    Measure.GRAPH_LIST_PAGE: msgid("Rows of a page of the list, where 999 are asked for"),
    Measure.GRAPH_GROUPS: msgid("Contact groups in the smallest folder"),
    Measure.GRAPH_IMMUTABLE: msgid("Are lasting ids other ids?"),
    Measure.GRAPH_BY_ID: msgid("A contact by its lasting id"),
    Measure.GRAPH_EXTENDED: msgid("Contacts with fields beyond the resource / looked at"),
    Measure.GRAPH_EXTENDED_FIELDS: msgid("Contacts with each of these fields"),
    Measure.GRAPH_EMAILS: msgid("Most e-mail addresses on a contact"),
    Measure.GRAPH_BUSINESS_PHONES: msgid("Most business phones on a contact"),
    Measure.GRAPH_HOME_PHONES: msgid("Most home phones on a contact"),
    Measure.GRAPH_UNPARSED: msgid("E-mail entries without an address"),
    Measure.GRAPH_PRIVATE: msgid("Private contacts"),
    Measure.GRAPH_TRACKED: msgid("Contacts that Microsoft’s own app has marked"),
    Measure.GRAPH_CATEGORIES: msgid("Categories"),
    Measure.GRAPH_OTHERS: msgid("Other people’s mailboxes that are shown"),
    Measure.EWS_IDENTITY: msgid("Does the directory say whose mailbox it is?"),
    Measure.EWS_ALIASES: msgid("Aliases"),
    Measure.EWS_VERSION: msgid("Version of the server"),
    Measure.EWS_SIGN_IN: msgid("How one signs in"),
    Measure.EWS_FOLDERS: msgid("Contact folders"),
    Measure.EWS_CONTACTS: msgid("Contacts in all / in the largest folder"),
    Measure.EWS_IDLE: msgid("Rows told again by a fresh token"),
    Measure.EWS_PAGE: msgid("Rows of a page of changes, where 512 are asked for"),
    Measure.EWS_GROUPS: msgid("Contact groups in the page"),
    Measure.EWS_DAMAGED: msgid("Contacts that cannot be read"),
    Measure.EWS_KEYS: msgid("Contacts with a lasting key / looked at"),
    Measure.EWS_COPIES: msgid("Copies that share a lasting key"),
    Measure.EWS_UNPARSED: msgid("E-mail entries without an address"),
    Measure.EWS_PRIVATE: msgid("Private contacts"),
    Measure.EWS_TRACKED: msgid("Contacts that Microsoft’s own app has marked"),
    Measure.DATAVERSE_WHO: msgid("Who is asking"),
    Measure.DATAVERSE_PRIMARY: msgid("Has the user a primary address?"),
    Measure.DATAVERSE_ADMINISTRATOR: msgid("Is the user a System Administrator?"),
    Measure.DATAVERSE_MISSING: msgid("Rights that are missing"),
    Measure.DATAVERSE_READS_ALL: msgid("May the user read all accounts and contacts?"),
    Measure.DATAVERSE_SYNCHRONISED: msgid("Does the server synchronise the user’s contacts?"),
    Measure.DATAVERSE_DELIVERY: msgid("Delivery of the mailbox: contacts / incoming / outgoing (codes)"),
    Measure.DATAVERSE_CASE: msgid("Is a name found whatever its letter case?"),
    Measure.DATAVERSE_ACCENTS: msgid("Is a name found without its accents?"),
    Measure.DATAVERSE_SHORTER: msgid("Columns that are shorter than usual"),
    Measure.DATAVERSE_TRACKS: msgid("Change tracking: accounts / contacts"),
    Measure.DATAVERSE_OPTIMISTIC: msgid("Guard against stale changes: accounts / contacts"),
    Measure.DATAVERSE_DETECTS: msgid("Duplicate detection of the table: accounts / contacts"),
    Measure.DATAVERSE_COUNTED: msgid("Contacts counted"),
    Measure.DATAVERSE_TRACKED_PAGE: msgid("Rows of a page of changes, where 10,000 are asked for"),
    Measure.DATAVERSE_IDLE: msgid("Rows told again by a fresh token"),
    Measure.DATAVERSE_TRACKED_FILTER: msgid("$filter with changes"),
    Measure.DATAVERSE_IN: msgid("A list of values by the function In"),
    Measure.DATAVERSE_BULK: msgid("Tables that take many rows in one message"),
    Measure.DATAVERSE_BULK_ACTIVITIES: msgid("Activities that take many rows in one message"),
    Measure.DATAVERSE_TRACKING_DAYS: msgid("Days that a token of changes lives"),
    Measure.DATAVERSE_FULL_NAME: msgid("Order of the full name (code)"),
    Measure.DATAVERSE_STRANGE: msgid("Duplicate rules that cannot be followed"),
    Measure.DATAVERSE_BATCH: msgid("A batch in which a part fails"),
    Measure.DATAVERSE_QUOTA: msgid("What is left of the quota"),
}
_VALUES = {
    YES: msgid("yes"),
    NO: msgid("no"),
    NONE: msgid("none"),
    "not told": msgid("not told"),
    "keyring": msgid("the system’s keyring"),
    "file": msgid("an encrypted file, its key elsewhere"),
    "passphrase": msgid("an encrypted file with a passphrase"),
}
_VERDICTS = {True: msgid("yes"), False: msgid("no"), None: ""}


def shown(words: Words, text: str) -> str:
    """What was seen or expected; numbers, statuses and names of settings stay as they are."""
    return words.t(_VALUES[text]) if text in _VALUES else text


def verdict(each: Observation) -> str:
    """Whether it is what Carnet counts on, as a msgid; "" where it counts on nothing, or too little was there to tell."""
    return _VERDICTS[each.holds]
