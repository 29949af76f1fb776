"""How does the time grow with the size of the mailbox?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.answer import Answer
from benchmarks.cards import cards
from benchmarks.machine import alone, exponent, seconds
from benchmarks.world import ME, open_world
from carnet.flows.apply import resume
from carnet.flows.observe import observe
from carnet.flows.plan import plan
from carnet.flows.read import read
from carnet.mailboxes import vcard
from carnet.mailboxes.memory import MemoryMailbox
from carnet.model.choices import Choices, MissingAccounts
from carnet.model.contact import Record
from carnet.model.run import RunState
from carnet.ports.mailbox import OpenOptions
from carnet.ports.world import World

SIZES = (1_000, 10_000, 100_000)
MOST = 1.15
CREATE = Choices(missing_accounts=MissingAccounts.CREATE)
QUESTIONS = ("growth_plan", "growth_apply", "growth_match", "growth_read_vcard")


def measure() -> Iterator[Answer]:
    """Plan and apply into an empty CRM, match against the CRM of equal size that this makes, and read the same as vCard."""
    times: dict[str, list[float]] = {question: [] for question in QUESTIONS}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            for question, taken in zip(QUESTIONS, _times(Path(folder), size), strict=True):
                times[question].append(taken)
    for question, each in times.items():
        note = ", ".join(f"{size}: {one:.1f} s" for size, one in zip(SIZES, each, strict=True))
        yield Answer(question=question, ours=exponent(list(SIZES), each), target=MOST, note=note)


def _times(folder: Path, size: int) -> tuple[float, float, float, float]:
    people, file = cards(size), folder / "carnet.sqlite"
    with open_world(file) as world:
        planned, applied = _plan_and_apply(world, people)
        observe(world, user=ME.id, reading=_read_again(world, people[:1], user=ME.id))  # now the index has everybody
    matched = alone(_match, file, size)
    with open_world(folder / "cards.sqlite") as world:
        taken = _read_vcard(world, folder / "cards.vcf", people)
    return planned, applied, matched, taken


def _plan_and_apply(world: World, people: Sequence[Record]) -> tuple[float, float]:
    reading = read(world, MemoryMailbox(list(people)), user=ME.id, source="memory", digest="")
    planned, found = seconds(lambda: plan(world, user=ME.id, reading=reading.id, choices=CREATE))
    world.store.runs.save(replace(found.run, approved=found.run.fingerprint, state=RunState.STOPPED))
    applied, ended = seconds(lambda: resume(world, user=ME.id, number=found.run.number))
    assert ended.state is RunState.DONE
    return planned, applied


def _match(file: Path, size: int) -> float:
    """Match somebody's second mailbox with the same people, whom the index has: no link tells who they are.

    In a process of its own: planning and indexing leave every name and number of a small mailbox behind in memory, already
    understood, and few of a large one's.
    """
    people = cards(size)
    with open_world(file) as world:
        observe(world, user="first", reading=_read_again(world, people[:1], user="first"))  # loads what any look needs
        reading = _read_again(world, people, user="somebody-else")
        taken, seen = seconds(lambda: observe(world, user="somebody-else", reading=reading))
    # namesakes of one company, of whom there are a few among so many, wait for a decision and are not in the CRM
    assert sum(bool(match.suggestions) for match in seen.matches.values()) >= len(people) - len(people) // 1000
    return taken


def _read_again(world: World, people: Sequence[Record], *, user: str) -> str:
    return read(world, MemoryMailbox(list(people)), user=user, source="memory", digest="").id


def _read_vcard(world: World, file: Path, people: Sequence[Record]) -> float:
    file.write_text("".join(map(_card, people)), encoding="utf-8")
    mailbox = vcard.open_mailbox(file, OpenOptions())
    try:
        taken, reading = seconds(lambda: read(world, mailbox, user=ME.id, source=str(file), digest=""))
    finally:
        mailbox.close()
    assert reading.records == len(people)
    return taken


def _card(record: Record) -> str:
    values = record.contact.values
    lines = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{record.id}",
        f"N:{values['surname']};{values['given_name']};;;",
        f"FN:{values['full_name']}",
        f"ORG:{values.get('company', '')};{values['department']}",
        f"TITLE:{values['job_title']}",
        f"EMAIL;TYPE=WORK:{values['email1']}",
        f"TEL;TYPE=WORK,VOICE:{values['business_phone']}",
        f"TEL;TYPE=CELL:{values['mobile_phone']}",
        f"ADR;TYPE=WORK:;;{values['business_street']};{values['business_city']};;{values['business_postcode']};France",
        "END:VCARD",
        "",
    )
    return "\r\n".join(lines)
