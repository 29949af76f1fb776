"""What does the embedded CRM's first revision hold?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


_CONTACT_TEXTS = {
    "fullname": 160,
    "firstname": 50,
    "middlename": 50,
    "lastname": 50,
    "suffix": 10,
    "jobtitle": 100,
    "department": 100,
    "emailaddress1": 100,
    "emailaddress2": 100,
    "emailaddress3": 100,
    "telephone1": 50,
    "business2": 50,
    "telephone2": 50,
    "home2": 50,
    "mobilephone": 50,
    "telephone3": 50,
    "company": 50,
    "callback": 50,
    "pager": 50,
    "fax": 50,
    "assistantname": 100,
    "assistantphone": 50,
    "managername": 100,
    "address1_line1": 250,
    "address1_line2": 250,
    "address1_line3": 250,
    "address1_city": 80,
    "address1_stateorprovince": 50,
    "address1_postalcode": 20,
    "address1_country": 80,
    "address1_postofficebox": 20,
    "address2_line1": 250,
    "address2_line2": 250,
    "address2_line3": 250,
    "address2_city": 80,
    "address2_stateorprovince": 50,
    "address2_postalcode": 20,
    "address2_country": 80,
    "address2_postofficebox": 20,
    "address3_line1": 250,
    "address3_line2": 250,
    "address3_line3": 250,
    "address3_city": 80,
    "address3_stateorprovince": 50,
    "address3_postalcode": 20,
    "address3_country": 80,
    "address3_postofficebox": 20,
    "websiteurl": 200,
    "ftpsiteurl": 200,
    "governmentid": 50,
    "birthdate": 10,
    "anniversary": 10,
    "spousesname": 100,
    "childrensnames": 255,
    "nickname": 100,
    "description": 2000,
    "yomifirstname": 150,
    "yomilastname": 150,
}


def upgrade() -> None:
    """Make every table, those referred to first."""
    _crm_user()
    _tombstone()
    _version_counter()
    _account()
    _activity()
    _contact()
    _activity_party()


def _crm_user() -> None:
    op.create_table(
        "crm_user",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=100), server_default="", nullable=False),
        sa.Column("administrator", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_user")),
    )


def _tombstone() -> None:
    op.create_table(
        "tombstone",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("versionnumber", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_tombstone")),
    )
    op.create_index(op.f("ix_tombstone_versionnumber"), "tombstone", ["versionnumber"], unique=False)


def _version_counter() -> None:
    op.create_table(
        "version_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_counter")),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=160), server_default="", nullable=False),
        sa.Column("websiteurl", sa.String(length=200), server_default="", nullable=False),
        sa.Column("emailaddress1", sa.String(length=100), server_default="", nullable=False),
        sa.Column("telephone1", sa.String(length=50), server_default="", nullable=False),
        sa.Column("address1_line1", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_line2", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_line3", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address1_stateorprovince", sa.String(length=50), server_default="", nullable=False),
        sa.Column("address1_postalcode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address1_country", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address1_postofficebox", sa.String(length=20), server_default="", nullable=False),
        sa.Column("parentaccountid", sa.String(length=36), nullable=True),
        sa.Column("ownerid", sa.String(length=36), nullable=False),
        sa.Column("statecode", sa.Integer(), server_default="0", nullable=False),
        sa.Column("versionnumber", sa.BigInteger(), nullable=False),
        sa.Column("createdon", sa.Text(), nullable=False),
        sa.Column("modifiedon", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ownerid"], ["crm_user.id"], name=op.f("fk_account_ownerid")),
        sa.ForeignKeyConstraint(
            ["parentaccountid"], ["account.id"], name=op.f("fk_account_parentaccountid"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_parentaccountid"), "account", ["parentaccountid"], unique=False)
    op.create_index(op.f("ix_account_sort_name"), "account", ["sort_name"], unique=False)
    op.create_index(op.f("ix_account_versionnumber"), "account", ["versionnumber"], unique=False)


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("activitytypecode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("subject", sa.String(length=400), server_default="", nullable=False),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("scheduledstart", sa.Text(), nullable=True),
        sa.Column("scheduledend", sa.Text(), nullable=True),
        sa.Column("actualend", sa.Text(), nullable=True),
        sa.Column("regardingobjectid", sa.String(length=36), nullable=True),
        sa.Column("regardingobjectidtype", sa.String(length=10), nullable=True),
        sa.Column("ownerid", sa.String(length=36), nullable=False),
        sa.Column("statecode", sa.Integer(), server_default="0", nullable=False),
        sa.Column("versionnumber", sa.BigInteger(), nullable=False),
        sa.Column("createdon", sa.Text(), nullable=False),
        sa.Column("modifiedon", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ownerid"], ["crm_user.id"], name=op.f("fk_activity_ownerid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(op.f("ix_activity_regardingobjectid"), "activity", ["regardingobjectid"], unique=False)


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        *(sa.Column(name, sa.String(length), server_default="", nullable=False) for name, length in _CONTACT_TEXTS.items()),
        sa.Column("parentcustomerid", sa.String(length=36), nullable=True),
        sa.Column("parentcustomeridtype", sa.String(length=10), nullable=True),
        sa.Column("ownerid", sa.String(length=36), nullable=False),
        sa.Column("statecode", sa.Integer(), server_default="0", nullable=False),
        sa.Column("versionnumber", sa.BigInteger(), nullable=False),
        sa.Column("createdon", sa.Text(), nullable=False),
        sa.Column("modifiedon", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ownerid"], ["crm_user.id"], name=op.f("fk_contact_ownerid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_parentcustomerid"), "contact", ["parentcustomerid"], unique=False)
    op.create_index(op.f("ix_contact_sort_name"), "contact", ["sort_name"], unique=False)
    op.create_index(op.f("ix_contact_versionnumber"), "contact", ["versionnumber"], unique=False)


def _activity_party() -> None:
    op.create_table(
        "activity_party",
        sa.Column("activityid", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("participationtypemask", sa.Integer(), nullable=False),
        sa.Column("partyid", sa.String(length=36), nullable=True),
        sa.Column("partyidtype", sa.String(length=10), nullable=True),
        sa.Column("addressused", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["activityid"], ["activity.id"], name=op.f("fk_activity_party_activityid"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("activityid", "position", name=op.f("pk_activity_party")),
    )
    op.create_index(op.f("ix_activity_party_partyid"), "activity_party", ["partyid"], unique=False)
