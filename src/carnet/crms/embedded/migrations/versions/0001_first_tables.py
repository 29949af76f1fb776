"""What does the embedded CRM's first revision hold?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


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
        sa.Column("fullname", sa.String(length=160), server_default="", nullable=False),
        sa.Column("firstname", sa.String(length=50), server_default="", nullable=False),
        sa.Column("middlename", sa.String(length=50), server_default="", nullable=False),
        sa.Column("lastname", sa.String(length=50), server_default="", nullable=False),
        sa.Column("suffix", sa.String(length=10), server_default="", nullable=False),
        sa.Column("jobtitle", sa.String(length=100), server_default="", nullable=False),
        sa.Column("department", sa.String(length=100), server_default="", nullable=False),
        sa.Column("emailaddress1", sa.String(length=100), server_default="", nullable=False),
        sa.Column("emailaddress2", sa.String(length=100), server_default="", nullable=False),
        sa.Column("emailaddress3", sa.String(length=100), server_default="", nullable=False),
        sa.Column("telephone1", sa.String(length=50), server_default="", nullable=False),
        sa.Column("business2", sa.String(length=50), server_default="", nullable=False),
        sa.Column("telephone2", sa.String(length=50), server_default="", nullable=False),
        sa.Column("home2", sa.String(length=50), server_default="", nullable=False),
        sa.Column("mobilephone", sa.String(length=50), server_default="", nullable=False),
        sa.Column("telephone3", sa.String(length=50), server_default="", nullable=False),
        sa.Column("company", sa.String(length=50), server_default="", nullable=False),
        sa.Column("callback", sa.String(length=50), server_default="", nullable=False),
        sa.Column("pager", sa.String(length=50), server_default="", nullable=False),
        sa.Column("fax", sa.String(length=50), server_default="", nullable=False),
        sa.Column("assistantname", sa.String(length=100), server_default="", nullable=False),
        sa.Column("assistantphone", sa.String(length=50), server_default="", nullable=False),
        sa.Column("managername", sa.String(length=100), server_default="", nullable=False),
        sa.Column("address1_line1", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_line2", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_line3", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address1_city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address1_stateorprovince", sa.String(length=50), server_default="", nullable=False),
        sa.Column("address1_postalcode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address1_country", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address1_postofficebox", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address2_line1", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address2_line2", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address2_line3", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address2_city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address2_stateorprovince", sa.String(length=50), server_default="", nullable=False),
        sa.Column("address2_postalcode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address2_country", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address2_postofficebox", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address3_line1", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address3_line2", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address3_line3", sa.String(length=250), server_default="", nullable=False),
        sa.Column("address3_city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address3_stateorprovince", sa.String(length=50), server_default="", nullable=False),
        sa.Column("address3_postalcode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address3_country", sa.String(length=80), server_default="", nullable=False),
        sa.Column("address3_postofficebox", sa.String(length=20), server_default="", nullable=False),
        sa.Column("websiteurl", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ftpsiteurl", sa.String(length=200), server_default="", nullable=False),
        sa.Column("governmentid", sa.String(length=50), server_default="", nullable=False),
        sa.Column("birthdate", sa.String(length=10), server_default="", nullable=False),
        sa.Column("anniversary", sa.String(length=10), server_default="", nullable=False),
        sa.Column("spousesname", sa.String(length=100), server_default="", nullable=False),
        sa.Column("childrensnames", sa.String(length=255), server_default="", nullable=False),
        sa.Column("nickname", sa.String(length=100), server_default="", nullable=False),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("yomifirstname", sa.String(length=150), server_default="", nullable=False),
        sa.Column("yomilastname", sa.String(length=150), server_default="", nullable=False),
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
