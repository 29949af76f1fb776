"""What does the second revision add: rules, the mailboxes that files belong to, an index by more keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from carnet.database import CLUSTERED

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _rule()
    _known_mailbox()
    _mailbox_source()
    _seen_record()
    _kept()
    _candidate_key()
    op.add_column("run", sa.Column("erased_at", sa.Text(), nullable=True))


def _rule() -> None:
    op.create_table(
        "rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_index(op.f("ix_rule_user_id_made_at"), "rule", ["user_id", "made_at"])


def _known_mailbox() -> None:
    op.create_table(
        "known_mailbox",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=True),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_known_mailbox")),
    )


def _mailbox_source() -> None:
    op.create_table(
        "mailbox_source",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "source", name=op.f("pk_mailbox_source")),
    )


def _seen_record() -> None:
    op.create_table(
        "seen_record",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("user_id", "mailbox", "record", name=op.f("pk_seen_record")),
    )


def _kept() -> None:
    op.create_table(
        "kept",
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["reading"], ["reading.id"], name=op.f("fk_kept_reading_reading"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reading", "name", name=op.f("pk_kept")),
    )


def _candidate_key() -> None:
    """The index is filled anew from the CRM: its keys are others, and its candidates have a birthday."""
    op.drop_table("candidate_key")
    op.execute("DELETE FROM candidate")
    op.execute("DELETE FROM candidate_cursor")
    op.add_column("candidate", sa.Column("birthday", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "candidate_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("candidate", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidate.number"], name=op.f("fk_candidate_key_candidate"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "candidate", name=op.f("pk_candidate_key")),
        **CLUSTERED,
    )
    op.create_index(op.f("ix_candidate_key_candidate_key"), "candidate_key", ["candidate", "key"])
