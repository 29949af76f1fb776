"""Was laid at the start what would be dear to add later?"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from carnet.crms.embedded import open_crm
from carnet.model.account import CrmUser
from carnet.model.contact import KeyStrength, SourceKey
from carnet.model.link import Link
from carnet.ports import crm, mailbox, store
from carnet.ports.clock import Clock
from carnet.ports.ids import Ids
from carnet.ports.world import World
from carnet.store import open_store


class NewYear:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Inspector]:
    """What the first migrations of store and CRM make of an empty file."""
    path = tmp_path_factory.mktemp("foundation") / "carnet.sqlite"
    kept = open_store(path, clock=NewYear())
    seeded = open_crm(path, user=CrmUser(id="u", name="Alix Renard", address="alix@contoso.com"), clock=NewYear())
    seeded.close()
    kept.close()
    engine = sa.create_engine(f"sqlite:///{path}")
    yield sa.inspect(engine)
    engine.dispose()


def columns(tables: sa.Inspector, table: str) -> set[str]:
    return {column["name"] for column in tables.get_columns(table)}


def first_revision(package: Path) -> str:
    return next((package / "migrations" / "versions").glob("0001*.py")).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["draft", "run", "journal", "journal_value", "link", "link_key", "generation", "candidate", "candidate_key"]
)
def test_the_first_migration_makes_the_table(name: str, tables: sa.Inspector) -> None:
    assert tables.has_table(name)
    package = Path(inspect.getfile(open_store)).parent
    assert f'op.create_table(\n        "{name}"' in first_revision(package)


@pytest.mark.parametrize("name", ["account", "contact", "crm_user", "activity", "activity_party"])
def test_the_embedded_crm_begins_with_the_table(name: str, tables: sa.Inspector) -> None:
    assert tables.has_table(name)


def test_values_stand_apart_from_the_journal_so_that_erasure_can_blank_them(tables: sa.Inspector) -> None:
    assert columns(tables, "journal_value") >= {"run", "seq", "format", "payload"}
    assert columns(tables, "journal").isdisjoint({"values", "before", "payload"})
    assert columns(tables, "journal") >= {"run", "seq", "action", "state", "target", "expects", "reverts"}


def test_a_run_knows_the_plan_it_was_approved_for(tables: sa.Inspector) -> None:
    assert columns(tables, "run") >= {
        "number",
        "user_id",
        "mailbox",
        "crm",
        "fingerprint",
        "approved",
        "digest",
        "cursor",
        "reverts",
    }


def test_payloads_carry_the_number_of_their_format(tables: sa.Inspector) -> None:
    unversioned = [
        name for name in tables.get_table_names() if "payload" in columns(tables, name) and "format" not in columns(tables, name)
    ]
    assert unversioned == []


@pytest.mark.parametrize(
    ("table", "scope"),
    [
        ("draft", {"user_id"}),
        ("run", {"user_id", "mailbox", "crm"}),
        ("reading", {"user_id", "mailbox"}),
        ("link", {"user_id", "mailbox", "crm"}),
        ("generation", {"user_id", "mailbox", "crm"}),
        ("link_key", {"mailbox"}),
    ],
)
def test_what_belongs_to_a_person_carries_the_person_and_the_mailbox(table: str, scope: set[str], tables: sa.Inspector) -> None:
    assert columns(tables, table) >= scope


def test_a_record_is_linked_once_and_a_target_many_times(tables: sa.Inspector) -> None:
    unique = {tuple(each["column_names"]) for each in tables.get_unique_constraints("link")}
    assert ("user_id", "mailbox", "crm", "record") in unique
    assert ("crm", "primary_for") in unique
    assert not any("target" in each for each in unique)


def test_the_candidate_index_holds_slim_columns_and_blocking_keys(tables: sa.Inspector) -> None:
    assert columns(tables, "candidate") >= {"crm", "kind", "id", "name", "emails", "phones", "company", "active", "version"}
    assert any("key" in each["column_names"] for each in tables.get_indexes("candidate_key"))


def test_a_source_record_is_named_by_keys_of_rising_strength() -> None:
    weak = [KeyStrength.CONTENT, KeyStrength.FINGERPRINT, KeyStrength.NODE]
    assert list(KeyStrength) == [*weak, KeyStrength.SEARCH, KeyStrength.IMMUTABLE]
    assert set(SourceKey.__dataclass_fields__) == {"strength", "key"}
    assert set(Link.__dataclass_fields__) >= {"keys", "primary", "base", "invented", "left_out", "communications"}


def test_clock_and_ids_are_ports_of_the_world() -> None:
    assert typing.get_type_hints(World)["clock"] is Clock
    assert typing.get_type_hints(World)["ids"] is Ids
    assert callable(Clock.now)
    assert {"run_number", "token", "record_key"} <= set(vars(Ids))


def test_both_sides_declare_what_they_can_do() -> None:
    assert set(mailbox.MailboxCapabilities.__dataclass_fields__) >= {"writes", "has_address", "stable_ids", "deltas", "page_size"}
    assert set(crm.CrmCapabilities.__dataclass_fields__) >= {"chooses_ids", "deltas", "deletes", "chunk"}
    for port in (mailbox.Mailbox, crm.Crm):
        assert isinstance(vars(port)["capabilities"], property)


@pytest.mark.parametrize("noun", [store.Drafts, store.Readings, store.Runs])
def test_what_is_somebody_elses_is_asked_for_with_the_user(noun: type) -> None:
    assert list(inspect.signature(vars(noun)["get"]).parameters)[1] == "user"
