"""What can only be seen where Carnet runs, and what was seen there?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What is looked at."""

    COMPUTER = "computer"
    STORE = "store"
    GRAPH = "graph"
    EWS = "ews"
    EMBEDDED = "embedded"
    DATAVERSE = "dataverse"


class Measure(StrEnum):
    """What is asked; the name before the dot is the subject's."""

    SYSTEM = "computer.system"
    LANGUAGE = "computer.language"
    HOME_RIGHTS = "computer.home_rights"
    FREE_SPACE = "computer.free_space"
    VAULT = "computer.vault"
    PROXY = "computer.proxy"
    CERTIFICATES = "computer.certificates"
    REVISION = "database.revision"
    ENGINE = "database.engine"
    WHOLE = "database.whole"
    LOG = "database.log"
    SIZE = "database.size"
    RECORDS = "crm.records"
    DETECTION = "crm.detection"
    PUBLISHED = "crm.published_rules"
    GRANTED = "sign_in.granted"
    CERTIFICATE_DAYS = "sign_in.certificate_days"
    CLOCK = "service.clock"
    SPEED = "service.speed"
    ANSWERED = "service.answered"
    GRAPH_IDENTITY = "graph.identity"
    GRAPH_PRIMARY = "graph.primary_address"
    GRAPH_ALIASES = "graph.aliases"
    GRAPH_DEFAULT = "graph.default_folder"
    GRAPH_DEFAULT_LISTED = "graph.default_folder_listed"
    GRAPH_FOLDERS = "graph.folders"
    GRAPH_CONTACTS = "graph.contacts"
    GRAPH_BATCH = "graph.batch"
    GRAPH_DELTA_USUAL_PAGE = "graph.delta_usual_page"
    GRAPH_DELTA_LARGEST_PAGE = "graph.delta_largest_page"
    GRAPH_DELTA_TOP = "graph.delta_top"
    GRAPH_DELTA_EXPAND = "graph.delta_expand"
    GRAPH_DELTA_IDLE = "graph.delta_idle"
    GRAPH_LIST_PAGE = "graph.list_page"
    GRAPH_GROUPS = "graph.contact_groups"
    GRAPH_IMMUTABLE = "graph.immutable_ids"
    GRAPH_BY_ID = "graph.by_immutable_id"
    GRAPH_EXTENDED = "graph.extended_properties"
    GRAPH_EXTENDED_FIELDS = "graph.extended_fields"
    GRAPH_EMAILS = "graph.most_emails"
    GRAPH_BUSINESS_PHONES = "graph.most_business_phones"
    GRAPH_HOME_PHONES = "graph.most_home_phones"
    GRAPH_UNPARSED = "graph.addresses_not_parsed"
    GRAPH_PRIVATE = "graph.private"
    GRAPH_TRACKED = "graph.tracked_by_microsoft"
    GRAPH_CATEGORIES = "graph.categories"
    GRAPH_OTHERS = "graph.other_mailboxes"
    EWS_IDENTITY = "ews.identity"
    EWS_ALIASES = "ews.aliases"
    EWS_VERSION = "ews.version"
    EWS_SIGN_IN = "ews.sign_in"
    EWS_FOLDERS = "ews.folders"
    EWS_CONTACTS = "ews.contacts"
    EWS_IDLE = "ews.idle"
    EWS_PAGE = "ews.sync_page"
    EWS_GROUPS = "ews.contact_groups"
    EWS_DAMAGED = "ews.damaged"
    EWS_KEYS = "ews.search_keys"
    EWS_COPIES = "ews.copies"
    EWS_UNPARSED = "ews.addresses_not_parsed"
    EWS_PRIVATE = "ews.private"
    EWS_TRACKED = "ews.tracked_by_microsoft"
    DATAVERSE_WHO = "dataverse.who_am_i"
    DATAVERSE_PRIMARY = "dataverse.primary_address"
    DATAVERSE_ADMINISTRATOR = "dataverse.administrator"
    DATAVERSE_MISSING = "dataverse.missing_rights"
    DATAVERSE_READS_ALL = "dataverse.reads_all"
    DATAVERSE_SYNCHRONISED = "dataverse.server_side_synchronisation"
    DATAVERSE_DELIVERY = "dataverse.delivery_methods"
    DATAVERSE_CASE = "dataverse.letter_case"
    DATAVERSE_ACCENTS = "dataverse.accents"
    DATAVERSE_SHORTER = "dataverse.shorter_columns"
    DATAVERSE_TRACKS = "dataverse.change_tracking"
    DATAVERSE_OPTIMISTIC = "dataverse.optimistic_concurrency"
    DATAVERSE_DETECTS = "dataverse.duplicate_detection"
    DATAVERSE_COUNTED = "dataverse.counted"
    DATAVERSE_TRACKED_PAGE = "dataverse.tracked_page"
    DATAVERSE_IDLE = "dataverse.idle"
    DATAVERSE_TRACKED_FILTER = "dataverse.tracked_filter"
    DATAVERSE_IN = "dataverse.in_function"
    DATAVERSE_BULK = "dataverse.bulk_messages"
    DATAVERSE_BULK_ACTIVITIES = "dataverse.bulk_messages_of_activities"
    DATAVERSE_TRACKING_DAYS = "dataverse.tracking_days"
    DATAVERSE_FULL_NAME = "dataverse.full_name"
    DATAVERSE_STRANGE = "dataverse.rules_not_followed"
    DATAVERSE_BATCH = "dataverse.batch"
    DATAVERSE_QUOTA = "dataverse.quota"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One question and what was seen: numbers, statuses and words of our own, never a name, an address, an id or a secret.

    `holds` says whether what was seen is what Carnet counts on; None where it counts on nothing, or too little was there
    to tell.
    """

    question: Measure
    seen: str
    expected: str = ""
    holds: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was seen of one subject; the subjects of one kind are numbered from 1, for they have no name here."""

    subject: Subject
    number: int
    observations: tuple[Observation, ...]
