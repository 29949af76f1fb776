"""What does the store's first revision hold?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, those referred to first."""
    _candidate()
    _candidate_cursor()
    _draft()
    _generation()
    _link()
    _person()
    _reading()
    _run()
    _candidate_key()
    _journal()
    _link_key()
    _missing_account()
    _question()
    _reading_folder()
    _reading_note()
    _reading_record()
    _journal_value()


def _candidate() -> None:
    op.create_table(
        "candidate",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("given_name", sa.Text(), server_default="", nullable=False),
        sa.Column("surname", sa.Text(), server_default="", nullable=False),
        sa.Column("emails", sa.Text(), server_default="", nullable=False),
        sa.Column("phones", sa.Text(), server_default="", nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("parent", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_candidate")),
        sa.UniqueConstraint("crm", "kind", "id", name=op.f("uq_candidate_crm_kind_id")),
    )


def _candidate_cursor() -> None:
    op.create_table(
        "candidate_cursor",
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_candidate_cursor")),
    )


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_run"), "draft", ["run"], unique=False)
    op.create_index(op.f("ix_draft_user_id_created_at"), "draft", ["user_id", "created_at"], unique=False)


def _generation() -> None:
    op.create_table(
        "generation",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("user_id", "mailbox", "crm", "record", name=op.f("pk_generation")),
    )


def _link() -> None:
    op.create_table(
        "link",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("primary_for", sa.Text(), nullable=True),
        sa.Column("communications", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("run", sa.Integer(), server_default="0", nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link")),
        sa.UniqueConstraint("crm", "primary_for", name=op.f("uq_link_crm_primary_for")),
        sa.UniqueConstraint("user_id", "mailbox", "crm", "record", name=op.f("uq_link_user_id_mailbox_crm_record")),
    )
    op.create_index(op.f("ix_link_crm_target"), "link", ["crm", "target"], unique=False)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("administrator", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), server_default="", nullable=False),
        sa.Column("crm", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("reading", sa.Text(), server_default="", nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("approved", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_back", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lists", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reverts", sa.Integer(), nullable=True),
        sa.Column("stop", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("planned_at", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_reverts"), "run", ["reverts"], unique=False)
    op.create_index(op.f("ix_run_user_id_created_at"), "run", ["user_id", "created_at"], unique=False)


def _candidate_key() -> None:
    op.create_table(
        "candidate_key",
        sa.Column("candidate", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidate.number"], name=op.f("fk_candidate_key_candidate"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("candidate", "key", name=op.f("pk_candidate_key")),
    )
    op.create_index(op.f("ix_candidate_key_crm_key_candidate"), "candidate_key", ["crm", "key", "candidate"], unique=False)


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("folded_label", sa.Text(), server_default="", nullable=False),
        sa.Column("folder", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("expects", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("writes", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sets_parent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("communications", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("to_check", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("confidence", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("folded_message", sa.Text(), server_default="", nullable=False),
        sa.Column("reverts", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_journal_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_run_state_seq"), "journal", ["run", "state", "seq"], unique=False)
    op.create_index(op.f("ix_journal_target"), "journal", ["target"], unique=False)


def _link_key() -> None:
    op.create_table(
        "link_key",
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("strength", sa.Integer(), server_default="0", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["link"], ["link.number"], name=op.f("fk_link_key_link"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link", "position", name=op.f("pk_link_key")),
    )
    op.create_index(op.f("ix_link_key_mailbox_strength_key"), "link_key", ["mailbox", "strength", "key"], unique=False)


def _missing_account() -> None:
    op.create_table(
        "missing_account",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_missing_account_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_missing_account")),
    )


def _question() -> None:
    op.create_table(
        "question",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_question_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_question")),
    )


def _reading_folder() -> None:
    op.create_table(
        "reading_folder",
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("finished", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["reading"], ["reading.id"], name=op.f("fk_reading_folder_reading"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reading", "folder", name=op.f("pk_reading_folder")),
    )


def _reading_note() -> None:
    op.create_table(
        "reading_note",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reading"], ["reading.id"], name=op.f("fk_reading_note_reading"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reading_note")),
    )
    op.create_index(op.f("ix_reading_note_reading_kind_folder"), "reading_note", ["reading", "kind", "folder"], unique=False)


def _reading_record() -> None:
    op.create_table(
        "reading_record",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reading"], ["reading.id"], name=op.f("fk_reading_record_reading"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reading_record")),
        sa.UniqueConstraint("reading", "record", name=op.f("uq_reading_record_reading_record")),
    )
    op.create_index(op.f("ix_reading_record_reading_folder"), "reading_record", ["reading", "folder"], unique=False)


def _journal_value() -> None:
    op.create_table(
        "journal_value",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run", "seq"], ["journal.run", "journal.seq"], name=op.f("fk_journal_value_run_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_journal_value")),
    )
