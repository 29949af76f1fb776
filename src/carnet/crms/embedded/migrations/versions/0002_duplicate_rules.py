"""What does the second revision add: duplicate rules, and which run created a record at which version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and columns."""
    for table in ("account", "contact"):
        op.add_column(table, sa.Column("createdversion", sa.BigInteger(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("importsequencenumber", sa.Integer(), nullable=True))
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("isduplicatedetectionenabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    _duplicaterule()
    _duplicaterulecondition()
    _matchcode()


def _duplicaterule() -> None:
    op.create_table(
        "duplicaterule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=160), server_default="", nullable=False),
        sa.Column("baseentityname", sa.String(length=10), server_default="", nullable=False),
        sa.Column("matchingentityname", sa.String(length=10), server_default="", nullable=False),
        sa.Column("excludeinactiverecords", sa.Boolean(), nullable=False),
        sa.Column("iscasesensitive", sa.Boolean(), nullable=False),
        sa.Column("ignoreblankvalues", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicaterule")),
    )


def _duplicaterulecondition() -> None:
    op.create_table(
        "duplicaterulecondition",
        sa.Column("duplicaterule", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("baseattributename", sa.String(length=50), server_default="", nullable=False),
        sa.Column("operator", sa.String(length=10), server_default="", nullable=False),
        sa.Column("operatorparam", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duplicaterule"], ["duplicaterule.id"], name=op.f("fk_duplicaterulecondition_duplicaterule"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("duplicaterule", "position", name=op.f("pk_duplicaterulecondition")),
    )


def _matchcode() -> None:
    op.create_table(
        "matchcode",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("duplicaterule", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duplicaterule"], ["duplicaterule.id"], name=op.f("fk_matchcode_duplicaterule"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", "duplicaterule", "code", name=op.f("pk_matchcode")),
    )
    op.create_index(op.f("ix_matchcode_code_duplicaterule"), "matchcode", ["code", "duplicaterule"], unique=False)
