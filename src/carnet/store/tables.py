"""Which tables does the store have?

Everything a person owns carries the user. Payloads are JSON in text columns, with the number of their format where they can
outlive a version. Times are ISO texts in UTC, so that their order as text is their order in time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from carnet.database import CLUSTERED

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, default: str | None = "") -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _optional(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=True)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True)


def _serial() -> sa.Column[Any]:
    """A number that only rises: the order in which rows came."""
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)


def _of_run() -> sa.Column[Any]:
    return sa.Column("run", sa.ForeignKey("run.number", ondelete="CASCADE"), primary_key=True)


def _of_reading(*, key: bool) -> sa.Column[Any]:
    return sa.Column("reading", sa.ForeignKey("reading.id", ondelete="CASCADE"), primary_key=key, nullable=False)


person = sa.Table("person", metadata, _key("id"), _text("name"), _text("address"), _flag("administrator"))

draft = sa.Table(
    "draft",
    metadata,
    _key("id"),
    _text("user_id", default=None),
    _text("created_at", default=None),
    sa.Column("run", sa.Integer, index=True),
    _number("format"),
    _text("payload", default=None),
    sa.Index(None, "user_id", "created_at"),
)

reading = sa.Table(
    "reading",
    metadata,
    _key("id"),
    _text("user_id", default=None),
    _text("mailbox", default=None),
    _text("read_at", default=None),
    _flag("complete"),
    _number("format"),
    _text("payload", default=None),
)

reading_folder = sa.Table(
    "reading_folder", metadata, _of_reading(key=True), _key("folder"), _optional("cursor"), _flag("finished"), _text("later")
)

reading_record = sa.Table(
    "reading_record",
    metadata,
    _serial(),
    _of_reading(key=False),
    _text("record", default=None),
    _text("folder"),
    _text("place"),
    _text("version"),
    _number("format"),
    _text("payload", default=None),
    sa.UniqueConstraint("reading", "record"),
    sa.Index(None, "reading", "folder"),
)

reading_note = sa.Table(
    "reading_note",
    metadata,
    _serial(),
    _of_reading(key=False),
    _text("folder"),
    _text("kind", default=None),
    _number("format"),
    _text("payload", default=None),
    sa.Index(None, "reading", "kind", "folder"),
)
"""What a page brought beside records: held-back keys, contact lists, skips, repairs."""

run = sa.Table(
    "run",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("user_id", default=None),
    _text("mailbox"),
    _text("crm"),
    _text("kind", default=None),
    _text("state", default=None),
    _text("source"),
    _text("label"),
    _text("digest"),
    _text("reading"),
    _text("cursor"),
    _text("fingerprint"),
    _text("approved"),
    _number("format"),
    _text("choices", default=None),
    _text("answers", default=None),
    _number("read"),
    _number("held_back"),
    _number("lists"),
    _number("skipped"),
    sa.Column("reverts", sa.Integer, index=True),
    _flag("stop"),
    _optional("planned_at"),
    _optional("started_at"),
    _optional("finished_at"),
    _optional("erased_at"),
    _text("created_at", default=None),
    sa.Index(None, "user_id", "created_at"),
)

journal = sa.Table(
    "journal",
    metadata,
    _of_run(),
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("action", default=None),
    _text("kind", default=None),
    _text("state", default=None),
    _optional("record"),
    _text("label"),
    _text("folded_label"),
    _text("folder"),
    _optional("target"),
    _optional("expects"),
    _text("version"),
    _flag("writes"),
    _flag("sets_parent"),
    _flag("communications"),
    _flag("to_check"),
    _text("confidence"),
    _text("reason"),
    _text("question"),
    _text("code"),
    _text("message"),
    _text("folded_message"),
    sa.Column("reverts", sa.Integer),
    _optional("settled_at"),
    sa.Index(None, "run", "state", "seq"),
    sa.Index(None, "target"),
)

journal_value = sa.Table(
    "journal_value",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    _number("format"),
    _text("payload", default=None),
    sa.ForeignKeyConstraint(["run", "seq"], ["journal.run", "journal.seq"], ondelete="CASCADE"),
)
"""What an entry writes and replaces, apart from it: erasure blanks the payload and the entry stays."""

question = sa.Table(
    "question",
    metadata,
    _of_run(),
    _key("key"),
    _number("position"),
    _text("kind", default=None),
    _number("format"),
    _text("payload", default=None),
)

missing_account = sa.Table(
    "missing_account",
    metadata,
    _of_run(),
    _key("key"),
    _number("position"),
    _number("format"),
    _text("payload", default=None),
)

link = sa.Table(
    "link",
    metadata,
    _serial(),
    _text("user_id", default=None),
    _text("mailbox", default=None),
    _text("crm", default=None),
    _text("record", default=None),
    _text("kind", default=None),
    _text("target", default=None),
    _optional("primary_for"),
    _flag("communications"),
    _number("run"),
    _number("format"),
    _text("payload", default=None),
    sa.UniqueConstraint("user_id", "mailbox", "crm", "record"),
    sa.UniqueConstraint("crm", "primary_for"),
    sa.Index(None, "crm", "target"),
)
"""`primary_for` is "kind:target" in the one primary link of a CRM record and null in its others."""

link_key = sa.Table(
    "link_key",
    metadata,
    sa.Column("link", sa.ForeignKey("link.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    _text("mailbox", default=None),
    _number("strength"),
    _text("key", default=None),
    sa.Index(None, "mailbox", "strength", "key"),
)

generation = sa.Table("generation", metadata, _key("user_id"), _key("mailbox"), _key("crm"), _key("record"), _number("number"))

candidate = sa.Table(
    "candidate",
    metadata,
    _serial(),
    _text("crm", default=None),
    _text("kind", default=None),
    _text("id", default=None),
    _text("name"),
    _text("given_name"),
    _text("surname"),
    _text("emails"),
    _text("phones"),
    _text("birthday"),
    _text("company"),
    _text("parent"),
    _text("owner"),
    _flag("active"),
    _text("version"),
    sa.UniqueConstraint("crm", "kind", "id"),
)
"""E-mail addresses and phone numbers stand one a line."""

candidate_key = sa.Table(
    "candidate_key",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("candidate", sa.ForeignKey("candidate.number", ondelete="CASCADE"), primary_key=True),
    sa.Index(None, "candidate", "key"),
    **CLUSTERED,
)
"""`key` is a digest of the CRM and the blocking key: of five keys a contact, the texts would be most of the file."""

candidate_cursor = sa.Table("candidate_cursor", metadata, _key("crm"), _text("cursor"))

rule = sa.Table(
    "rule",
    metadata,
    _key("id"),
    _text("user_id", default=None),
    _text("kind", default=None),
    _text("made_at", default=None),
    _number("format"),
    _text("payload", default=None),
    sa.Index(None, "user_id", "made_at"),
)

known_mailbox = sa.Table(
    "known_mailbox",
    metadata,
    _key("user_id"),
    _key("key"),
    _optional("seen_at"),
    _number("format"),
    _text("payload", default=None),
)
"""A mailbox as a person knows it; `seen_at` is when a run last worked off what it held."""

mailbox_source = sa.Table("mailbox_source", metadata, _key("user_id"), _key("source"), _text("mailbox", default=None))
"""Which mailbox a file was confirmed to belong to."""

seen_record = sa.Table(
    "seen_record", metadata, _key("user_id"), _key("mailbox"), _key("record"), _text("folder"), _text("version"), _text("key")
)
"""What a mailbox held when it was last worked off; digests only."""

kept = sa.Table(
    "kept", metadata, _of_reading(key=True), _key("name"), _text("stamp", default=None), _number("format"), _text("payload")
)
"""What was worked out of a reading, until what it hangs on is no longer what the stamp says."""

connection = sa.Table(
    "connection",
    metadata,
    _key("id"),
    _text("user_id", default=None),
    _text("connected_at", default=None),
    _number("format"),
    _text("payload", default=None),
    sa.Index(None, "user_id"),
)
"""A service that a person has connected; its secrets are in the vault."""

pairing = sa.Table(
    "pairing",
    metadata,
    _key("crm"),
    _key("mailbox"),
    _text("crm_user", default=None),
    _text("address"),
    sa.UniqueConstraint("crm", "crm_user"),
)
"""One mailbox belongs to one CRM user, and conversely."""
