"""Does everything that is stored come back as it was?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError

from carnet.errors import DamagedFile, Refused
from carnet.model.choices import Choices
from carnet.model.contact import Record
from carnet.model.decision import Question
from carnet.model.draft import Draft
from carnet.model.link import Link
from carnet.model.match import Candidate
from carnet.model.plan import Entry, MissingAccount
from carnet.model.reading import ContactList, HeldBack, MailboxIdentity, Page, Reading, Repair, SkippedRecord
from carnet.model.run import Run
from carnet.ports.store import Scope
from carnet.store import SqlStore, codec, open_store

INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
MOMENTS = st.datetimes(timezones=st.just(UTC))

st.register_type_strategy(int, INTEGERS)
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(Mapping, lambda kind: st.dictionaries(*map(st.from_type, get_args(kind))))


IDENTITY = MailboxIdentity(key="m", label="", kind="pst")


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    store = open_store(tmp_path_factory.mktemp("shelf") / "carnet.db", clock=Clock())
    yield store
    store.close()


CODECS: list[tuple[codec.Codec[Any], type]] = [
    (codec.DRAFT, Draft),
    (codec.READING, Reading),
    (codec.RECORD, codec.Named),
    (codec.HELD_BACK, HeldBack),
    (codec.CONTACT_LIST, ContactList),
    (codec.SKIPPED, SkippedRecord),
    (codec.REPAIR, Repair),
    (codec.CHOICES, Choices),
    (codec.ENTRY, codec.EntryValues),
    (codec.QUESTION, Question),
    (codec.MISSING, MissingAccount),
    (codec.LINK, codec.LinkValues),
]


@pytest.mark.parametrize(("of_kind", "kind"), CODECS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_decoded_is_what_was_encoded(of_kind: codec.Codec[Any], kind: type) -> None:
    @given(st.from_type(kind))
    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
    def holds(value: object) -> None:
        again = of_kind.decode(of_kind.encode(value))
        assert again == value
        assert type(again) is kind

    holds()


@given(st.from_type(Entry))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_entry_survives_the_journal(shelf: SqlStore, entry: Entry) -> None:
    number = uuid4().int % 2**31
    shelf.runs.save(Run(number=number, user="u", mailbox="m", crm="c"))
    shelf.journal.write(number, [entry], questions=(), missing=())
    assert shelf.journal.entries(number) == (entry,)


@given(st.from_type(Record))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_record_survives_its_reading(shelf: SqlStore, record: Record) -> None:
    name = uuid4().hex
    now = Clock().now()
    shelf.readings.start(Reading(id=name, user="u", identity=IDENTITY, source="", digest="", read_at=now, complete=False))
    shelf.readings.add(name, record.folder, Page(records=(record,)))
    assert shelf.readings.records(name) == (record,)
    shelf.readings.drop("u", name)


@given(st.from_type(Link))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_link_survives_the_store(shelf: SqlStore, link: Link) -> None:
    scope = Scope(user="u", mailbox=uuid4().hex, crm=uuid4().hex)
    shelf.links.save(scope, [link])
    assert shelf.links.all(scope) == (replace(link, primary=True),)


@given(st.from_type(Run))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_run_survives_the_store(shelf: SqlStore, run: Run) -> None:
    run = replace(run, user=uuid4().hex, number=uuid4().int % 2**31)
    shelf.runs.save(run)
    assert shelf.runs.get(run.user, run.number) == run


@given(st.from_type(Candidate))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_candidate_survives_the_index(shelf: SqlStore, candidate: Candidate) -> None:
    crm = uuid4().hex
    shelf.candidates.update(crm, [(candidate, ("k",))], gone=(), cursor="1")
    assert shelf.candidates.by_keys(crm, ["k"]) == {"k": (candidate,)}


def test_a_payload_of_a_later_format_is_refused() -> None:
    with pytest.raises(Refused, match="newer version"):
        codec.CHOICES.decode("{}", codec.FORMAT + 1)


def test_what_could_not_be_read_again_is_not_written() -> None:
    wrong: Any = {"surname": 12}
    with pytest.raises(PydanticSerializationError):
        codec.LINK.encode(codec.LinkValues(base=wrong))


def test_a_payload_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(DamagedFile) as raised:
        codec.CONTACT_LIST.decode('{"name": 12, "folder": "secret"}')
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
