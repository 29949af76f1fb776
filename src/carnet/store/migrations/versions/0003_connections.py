"""What does the third revision add: the services that people connect, and what a mailbox on a server tells later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("reading_folder", sa.Column("later", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "connection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("connected_at", sa.Text(), nullable=False),
        sa.Column("format", sa.Integer(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
    )
    op.create_index(op.f("ix_connection_user_id"), "connection", ["user_id"])
    op.create_table(
        "pairing",
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("crm_user", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("crm", "mailbox", name=op.f("pk_pairing")),
        sa.UniqueConstraint("crm", "crm_user", name=op.f("uq_pairing_crm_crm_user")),
    )
