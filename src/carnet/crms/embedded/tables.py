"""Which tables does the embedded CRM have? Columns have the logical names of Dataverse."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from carnet.crms.rules import LINE_LENGTH, STREET_KEYS
from carnet.model.field import FIELDS, Merge

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_ID = sa.String(36)
_DATE = sa.String(10)
"""ISO, or --MM-DD where the year is not known."""


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _street(column: str) -> tuple[sa.Column[Any], ...]:
    stem = column.removesuffix("line1")
    return tuple(_text(f"{stem}line{number}", LINE_LENGTH) for number in (1, 2, 3))


def _fields() -> tuple[sa.Column[Any], ...]:
    """A column for each field of a contact; a street has three."""
    columns: list[sa.Column[Any]] = []
    for field in FIELDS:
        if field.key in STREET_KEYS:
            columns += _street(field.crm)
        elif field.length is None:
            columns.append(sa.Column(field.crm, _DATE, nullable=False, server_default=""))
        elif field.merge is not Merge.NEVER or field.key == "full_name":
            columns.append(_text(field.crm, field.length))
    return tuple(columns)


def _kept() -> tuple[sa.Column[Any], ...]:
    """What every record has: owner, state, versions, times, the run that created it, and folded texts to sort and search by."""
    return (
        sa.Column("ownerid", _ID, sa.ForeignKey("crm_user.id"), nullable=False),
        sa.Column("statecode", sa.Integer, nullable=False, server_default="0"),
        sa.Column("versionnumber", sa.BigInteger, nullable=False, index=True),
        sa.Column("createdversion", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("importsequencenumber", sa.Integer),
        sa.Column("createdon", sa.Text, nullable=False),
        sa.Column("modifiedon", sa.Text, nullable=False),
        sa.Column("sort_name", sa.Text, nullable=False, index=True),
        sa.Column("search", sa.Text, nullable=False),
    )


crm_user = sa.Table(
    "crm_user",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _text("name", 200),
    _text("address", 100),
    sa.Column("administrator", sa.Boolean, nullable=False, server_default=sa.false()),
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _text("name", 160),
    _text("websiteurl", 200),
    _text("emailaddress1", 100),
    _text("telephone1", 50),
    *_street("address1_line1"),
    _text("address1_city", 80),
    _text("address1_stateorprovince", 50),
    _text("address1_postalcode", 20),
    _text("address1_country", 80),
    _text("address1_postofficebox", 20),
    sa.Column("parentaccountid", _ID, sa.ForeignKey("account.id", deferrable=True, initially="DEFERRED"), index=True),
    *_kept(),
)

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    *_fields(),
    sa.Column("parentcustomerid", _ID),
    sa.Column("parentcustomeridtype", sa.String(10)),
    *_kept(),
    sa.Index(None, "parentcustomerid"),
)
"""`parentcustomerid` is an account or a contact, as `parentcustomeridtype` says."""

activity = sa.Table(
    "activity",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _text("activitytypecode", 20),
    _text("subject", 400),
    _text("description", 2000),
    sa.Column("scheduledstart", sa.Text),
    sa.Column("scheduledend", sa.Text),
    sa.Column("actualend", sa.Text),
    sa.Column("regardingobjectid", _ID, index=True),
    sa.Column("regardingobjectidtype", sa.String(10)),
    sa.Column("ownerid", _ID, sa.ForeignKey("crm_user.id"), nullable=False),
    sa.Column("statecode", sa.Integer, nullable=False, server_default="0"),
    sa.Column("versionnumber", sa.BigInteger, nullable=False),
    sa.Column("createdon", sa.Text, nullable=False),
    sa.Column("modifiedon", sa.Text, nullable=False),
)

activity_party = sa.Table(
    "activity_party",
    metadata,
    sa.Column("activityid", _ID, sa.ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("participationtypemask", sa.Integer, nullable=False),
    sa.Column("partyid", _ID, index=True),
    sa.Column("partyidtype", sa.String(10)),
    _text("addressused", 200),
)

tombstone = sa.Table(
    "tombstone",
    metadata,
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("id", _ID, primary_key=True),
    sa.Column("versionnumber", sa.BigInteger, nullable=False, index=True),
)
"""What was deleted, so that a snapshot can say that it is gone and no late retry brings it back."""

version_counter = sa.Table(
    "version_counter",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)
"""One row: the version given last, to accounts, contacts and deletions alike."""

organization = sa.Table(
    "organization",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("isduplicatedetectionenabled", sa.Boolean, nullable=False),
)
"""One row, made with the first rules."""

duplicaterule = sa.Table(
    "duplicaterule",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _text("name", 160),
    _text("baseentityname", 10),
    _text("matchingentityname", 10),
    sa.Column("excludeinactiverecords", sa.Boolean, nullable=False),
    sa.Column("iscasesensitive", sa.Boolean, nullable=False),
    sa.Column("ignoreblankvalues", sa.Boolean, nullable=False),
    sa.Column("published", sa.Boolean, nullable=False),
)

duplicaterulecondition = sa.Table(
    "duplicaterulecondition",
    metadata,
    sa.Column("duplicaterule", _ID, sa.ForeignKey("duplicaterule.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    _text("baseattributename", 50),
    _text("operator", 10),
    sa.Column("operatorparam", sa.Integer, nullable=False),
)

matchcode = sa.Table(
    "matchcode",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("duplicaterule", _ID, sa.ForeignKey("duplicaterule.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Index(None, "code", "duplicaterule"),
)
"""What each record says in the fields of each published rule (`carnet.crms.duplicates.codes`)."""
