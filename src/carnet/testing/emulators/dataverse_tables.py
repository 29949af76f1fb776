"""Which tables and columns does an organisation of Dataverse have, as far as an address book goes?

The lengths are those a new organisation has (Microsoft Common Data Model); an administrator may change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MEMO = "memo"
    """Text of several lines: `StringAttributeMetadata` does not tell of it."""
    WHOLE = "whole"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"
    ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `fixed`: only the service writes it."""

    name: str
    kind: Kind
    length: int | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A navigation property: the column it fills, and the tables that may be there."""

    attribute: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its logical name, its set, its key, its title, and the noun of its privileges.

    `lookups` is by the name of the navigation property, in its own case; `parties` the collection of an activity's parties.
    """

    name: str
    set: str
    key: str
    title: str
    right: str
    columns: Mapping[str, Column]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    parties: str = ""
    writable: bool = True

    @property
    def attributes(self) -> tuple[str, ...]:
        """The lookups' columns, each once."""
        return tuple(dict.fromkeys(each.attribute for each in self.lookups.values()))

    @property
    def is_activity(self) -> bool:
        """Whether its rows are activities of one kind."""
        return bool(self.parties)


_SYSTEM = "createdon moment!, modifiedon moment!, versionnumber whole!, overriddencreatedon moment, importsequencenumber whole"
_STATE = "statecode whole, statuscode whole"
_PLACE = (
    "line1 250, line2 250, line3 250, city 80, stateorprovince 50, postalcode 20, country 80, county 50, "
    "postofficebox 20, telephone1 50, telephone2 50, fax 50, name 200"
)
_REFUSALS = "donotemail yes_no, donotphone yes_no, donotfax yes_no, donotpostalmail yes_no, donotbulkemail yes_no, "
_REFUSALS += "donotbulkpostalmail yes_no, donotsendmm yes_no, followemail yes_no"
_REACHED = "emailaddress1 100, emailaddress2 100, emailaddress3 100, telephone1 50, telephone2 50, telephone3 50, fax 50"
_ACTIVITY = (
    "subject 400, actualstart moment, actualend moment, scheduledstart moment, scheduledend moment, prioritycode whole, "
    "actualdurationminutes whole, exchangeitemid 200, sortdate moment, activitytypecode 64!"
)


def _columns(told: str, *, places: int = 0) -> dict[str, Column]:
    """The columns of a list of `name length` or `name kind`, with as many postal addresses; `!`: the service writes it."""
    parts = [part.strip() for part in told.split(",")]
    for number in range(1, places + 1):
        parts += [f"address{number}_{part.strip()}" for part in _PLACE.split(",")]
    found = {}
    for part in parts:
        name, _, what = part.removesuffix("!").partition(" ")
        kind, length = what.rstrip("0123456789"), what.lstrip("abcdefghijklmnopqrstuvwxyz_")
        found[name] = Column(
            name=name,
            kind=Kind(kind) if kind else Kind.TEXT,
            length=int(length) if length else None,
            fixed=part.endswith("!"),
        )
    return found


_USER = Lookup(attribute="ownerid", targets=("systemuser",))
_COMMON = {
    "ownerid": _USER,
    "createdby": Lookup(attribute="createdby", targets=("systemuser",)),
    "modifiedby": Lookup(attribute="modifiedby", targets=("systemuser",)),
}


def _to(attribute: str, *targets: str) -> dict[str, Lookup]:
    """A lookup that may lead to several tables has a navigation property for each."""
    return {f"{attribute}_{target}": Lookup(attribute=attribute, targets=(target,)) for target in targets}


def _activity(name: str, columns: str, **lookups: Lookup) -> Table:
    regarding = {
        f"regardingobjectid_{target}_{name}": Lookup(attribute="regardingobjectid", targets=(target,)) for target in CUSTOMERS
    }
    return Table(
        name=name,
        set=name + "s",
        key="activityid",
        title="subject",
        right="Activity",
        columns=_columns(f"activityid id, {_ACTIVITY}, {_STATE}, {_SYSTEM}, {columns}"),
        lookups={**_COMMON, **regarding, **lookups},
        parties=f"{name}_activity_parties",
    )


def _settings(name: str, set_name: str, columns: str, **lookups: Lookup) -> Table:
    """A table that is read, and written by nobody here."""
    return Table(
        name=name,
        set=set_name,
        key=f"{name}id",
        title="name",
        right=_NOUNS.get(name, name.capitalize()),
        columns=_columns(f"{name}id id, {columns}"),
        lookups=lookups,
        writable=False,
    )


CUSTOMERS = ("account", "contact")
_NOUNS = {"systemuser": "User", "duplicaterule": "DuplicateRule", "duplicaterulecondition": "DuplicateRule"}
_NOUNS |= {"sdkmessagefilter": "SdkMessage", "organization": "Organization", "mailbox": "Mailbox"}
_CONTACT = (
    "contactid id, fullname 160!, firstname 50, middlename 50, lastname 50, suffix 10, salutation 100, nickname 100, "
    "jobtitle 100, department 100, mobilephone 50, pager 50, home2 50, business2 50, callback 50, company 50, "
    "assistantname 100, assistantphone 50, managername 100, managerphone 50, spousesname 100, childrensnames 255, "
    "governmentid 50, employeeid 50, externaluseridentifier 50, websiteurl 200, ftpsiteurl 200, birthdate day, anniversary day, "
    "description memo2000, gendercode whole, familystatuscode whole, preferredcontactmethodcode whole, haschildrencode whole, "
    "numberofchildren whole, customertypecode whole, leadsourcecode whole, merged yes_no!, yomifirstname 150, yomilastname 150, "
    "yomimiddlename 150, yomifullname 450!"
)
_ACCOUNT = (
    "accountid id, name 160, accountnumber 20, websiteurl 200, ftpsiteurl 200, description memo2000, industrycode whole, "
    "customertypecode whole, preferredcontactmethodcode whole, numberofemployees whole, tickersymbol 10, sic 20, "
    "stockexchange 20, yominame 160, merged yes_no!"
)
_EMAIL = (
    "description memo1073741823, directioncode yes_no, messageid 320, inreplyto 320, conversationindex 2048, trackingtoken 50, "
    "sender 250, torecipients 500, submittedby 250, mimetype 256, correlationmethod whole, "
    "readreceiptrequested yes_no, deliveryreceiptrequested yes_no"
)
_PEOPLE = (
    "systemuserid id, internalemailaddress 100, domainname 1024, fullname 200, firstname 64, lastname 64, isdisabled yes_no, "
    "accessmode whole, azureactivedirectoryobjectid id, applicationid id, islicensed yes_no"
)
STATUSES: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "contact": {0: (1,), 1: (2,)},
    "account": {0: (1,), 1: (2,)},
    "email": {0: (1, 8), 1: (2, 3, 4, 6, 7), 2: (5,)},
    "appointment": {0: (1, 2), 1: (3,), 2: (4,), 3: (5, 6)},
    "task": {0: (2, 3, 4, 7), 1: (5,), 2: (6,)},
    "phonecall": {0: (1,), 1: (2, 4), 2: (3,)},
}
"""Table → state → the statuses it may have, the first of which it has unless told."""
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            name="contact",
            set="contacts",
            key="contactid",
            title="fullname",
            right="Contact",
            columns=_columns(f"{_CONTACT}, {_REACHED}, {_REFUSALS}, {_STATE}, {_SYSTEM}", places=3),
            lookups={
                **_COMMON,
                **_to("parentcustomerid", *CUSTOMERS),
                "masterid": Lookup(attribute="masterid", targets=("contact",)),
                "preferredsystemuserid": Lookup(attribute="preferredsystemuserid", targets=("systemuser",)),
            },
        ),
        Table(
            name="account",
            set="accounts",
            key="accountid",
            title="name",
            right="Account",
            columns=_columns(f"{_ACCOUNT}, {_REACHED}, {_REFUSALS}, {_STATE}, {_SYSTEM}", places=2),
            lookups={
                **_COMMON,
                "parentaccountid": Lookup(attribute="parentaccountid", targets=("account",)),
                "primarycontactid": Lookup(attribute="primarycontactid", targets=("contact",)),
                "masterid": Lookup(attribute="masterid", targets=("account",)),
            },
        ),
        _activity(
            "email",
            _EMAIL,
            **_to("emailsender", *CUSTOMERS, "systemuser"),
            parentactivityid=Lookup(attribute="parentactivityid", targets=("email",)),
        ),
        _activity("appointment", "description memo1048576, location 200, globalobjectid 300, isalldayevent yes_no"),
        _activity("task", "description memo2000, percentcomplete whole"),
        _activity("phonecall", "description memo2000, phonenumber 200, directioncode yes_no"),
        Table(
            name="activitypointer",
            set="activitypointers",
            key="activityid",
            title="subject",
            right="Activity",
            columns=_columns(f"activityid id, description memo2000, {_ACTIVITY}, {_STATE}, {_SYSTEM}"),
            lookups={**_COMMON, **_to("regardingobjectid", *CUSTOMERS)},
            writable=False,
        ),
        Table(
            name="activityparty",
            set="activityparties",
            key="activitypartyid",
            title="addressused",
            right="Activity",
            columns=_columns("activitypartyid id, addressused 200, participationtypemask whole, versionnumber whole!"),
            lookups={
                **_to("partyid", *CUSTOMERS, "systemuser"),
                **_to("activityid", "email", "appointment", "task", "phonecall"),
            },
            writable=False,
        ),
        _settings(
            "systemuser",
            "systemusers",
            f"{_PEOPLE}, {_SYSTEM}",
            defaultmailbox=Lookup(attribute="defaultmailbox", targets=("mailbox",)),
        ),
        _settings("role", "roles", "name 100", roletemplateid=Lookup(attribute="roletemplateid", targets=("roletemplate",))),
        _settings(
            "mailbox",
            "mailboxes",
            "name 200, emailaddress 100, incomingemaildeliverymethod whole, outgoingemaildeliverymethod whole, "
            "actdeliverymethod whole, statecode whole",
            regardingobjectid=Lookup(attribute="regardingobjectid", targets=("systemuser",)),
        ),
        _settings(
            "organization",
            "organizations",
            "name 160, isduplicatedetectionenabled yes_no, isduplicatedetectionenabledforonlinecreateupdate yes_no, "
            "expirechangetrackingindays whole, fullnameconventioncode whole",
        ),
        _settings(
            "duplicaterule",
            "duplicaterules",
            "name 160, baseentityname 64, matchingentityname 64, iscasesensitive yes_no, excludeinactiverecords yes_no, "
            "statecode whole, statuscode whole",
        ),
        _settings(
            "duplicaterulecondition",
            "duplicateruleconditions",
            "baseattributename 64, matchingattributename 64, operatorcode whole, operatorparam whole, ignoreblankvalues yes_no",
            regardingobjectid=Lookup(attribute="regardingobjectid", targets=("duplicaterule",)),
        ),
        _settings("sdkmessagefilter", "sdkmessagefilters", "primaryobjecttypecode 64"),
    )
}
SETS: Mapping[str, Table] = {table.set: table for table in TABLES.values()}
