"""What becomes of a damaged file: is it read, refused in words, or neither?"""

from __future__ import annotations

import faulthandler
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from carnet.bootstrap import open_file
from carnet.errors import CarnetError
from carnet.mailboxes import pst
from carnet.mailboxes.pst.client import Limits
from carnet.mailboxes.pst.mailbox import PstMailbox
from carnet.ports.mailbox import Mailbox, OpenOptions

KINDS = ("pst", "vcard", "csv")
BATCH = 50
LARGEST_SOURCE = 600_000
"""Bytes: what is damaged is not what a large file takes long for."""
LONGEST = 60
"""Seconds that one damaged file may take on a busy machine."""

_OPTIONS = OpenOptions(consents=frozenset({"password"}))
_NASTY = (
    b"\0",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b'"',
    b"=\r\n",
    b"\\",
    b";" * 300,
    b"A" * 70_000,
    b"\x1a",
    b"BEGIN:VCARD\r\n",
    b"\xed\xa0\x80",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one input: "read" or the code of its refusal; or, where it is neither, what happened instead."""

    name: str
    ending: str
    seconds: float
    wrong: str = ""


def sources(data: Path, kind: str) -> list[Path]:
    """The real files of that kind that are damaged, by name."""
    return sorted(
        path
        for path in (data / kind).iterdir()
        if path.suffix.lower() in {".pst", ".ost", ".vcf", ".csv"} and 0 < path.stat().st_size <= LARGEST_SOURCE
    )


def outcomes(data: Path, count: int, *, seed: int, workers: int = 1) -> Iterator[Outcome]:
    """Damage that many files, each kind in turn, and read them; the same seed gives the same files.

    A worker that hangs for long beyond the limit ends itself with a traceback, and the pool with it.
    """
    batches = [(data, seed, start, min(BATCH, count - start)) for start in range(0, count, BATCH)]
    if workers == 1:
        for batch in batches:
            yield from _batch(batch)
        return
    with ProcessPoolExecutor(workers) as pool:
        for found in pool.map(_batch, batches):
            yield from found


def _batch(batch: tuple[Path, int, int, int]) -> list[Outcome]:
    data, seed, start, count = batch
    files = {kind: sources(data, kind) for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for number in range(start, start + count):
            draw = Random(f"{seed}/{number}")
            source = draw.choice(files[KINDS[number % len(KINDS)]])
            path = Path(folder) / f"input{source.suffix}"
            path.write_bytes(damaged(source.read_bytes(), draw))
            faulthandler.dump_traceback_later(10 * LONGEST, exit=True)
            found.append(_outcome(path, f"{seed}/{number} {source.name}"))
            faulthandler.cancel_dump_traceback_later()
            path.unlink()
    return found


def damaged(content: bytes, draw: Random) -> bytes:
    """The content after one to three accidents."""
    for _ in range(draw.randint(1, 3)):
        content = draw.choice(_ACCIDENTS)(bytearray(content or b"\0"), draw)
    return content


def _flip(content: bytearray, draw: Random) -> bytes:
    for _ in range(draw.choice((1, 4, 64))):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(content)


def _overwrite(content: bytearray, draw: Random) -> bytes:
    start, length = draw.randrange(len(content)), draw.choice((4, 64, 512, 8192))
    noise = bytes(length) if draw.random() < 0.5 else draw.randbytes(length)
    content[start : start + length] = noise[: len(content) - start]
    return bytes(content)


def _cut(content: bytearray, draw: Random) -> bytes:
    return bytes(content[: draw.randrange(len(content))])


def _drop(content: bytearray, draw: Random) -> bytes:
    start = draw.randrange(len(content))
    del content[start : start + draw.choice((1, 16, 512, 4096))]
    return bytes(content)


def _repeat(content: bytearray, draw: Random) -> bytes:
    start, to = draw.randrange(len(content)), draw.randrange(len(content))
    content[to:to] = content[start : start + draw.choice((8, 512, 4096))]
    return bytes(content)


def _insert(content: bytearray, draw: Random) -> bytes:
    to = draw.randrange(len(content))
    content[to:to] = draw.choice(_NASTY)
    return bytes(content)


def _number(content: bytearray, draw: Random) -> bytes:
    """A length, offset or count that is far off."""
    size = draw.choice((2, 4, 8))
    start = draw.randrange(len(content))
    value = draw.choice((0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), draw.getrandbits(8 * size)))
    content[start : start + size] = value.to_bytes(size, "little")[: len(content) - start]
    return bytes(content)


_ACCIDENTS: Sequence[Callable[[bytearray, Random], bytes]] = (_flip, _overwrite, _cut, _drop, _repeat, _insert, _number)


def _outcome(path: Path, name: str) -> Outcome:
    start = time.monotonic()
    ending, wrong = "read", ""
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(_read, path).exception()
    if isinstance(error, CarnetError):
        ending = error.code
        if not str(error).strip() or not error.hint:
            wrong = f"{type(error).__name__} does not say what to do"
    elif error is not None:
        ending, wrong = "escaped", f"{type(error).__name__}: {error}"
    taken = time.monotonic() - start
    if taken > LONGEST:
        wrong = wrong or f"took {taken:.0f} s"
    return Outcome(name=name, ending=ending, seconds=taken, wrong=wrong)


def _read(path: Path) -> None:
    mailbox = _opened(path)
    try:
        for folder in mailbox.folders():
            for page in mailbox.read(folder.id):
                for record in page.records:
                    "".join((*record.contact.values.values(), *record.contact.extras.values())).encode()
    finally:
        mailbox.close()


def _opened(path: Path) -> Mailbox:
    """The mailbox; in a data file, a child that hangs over an item is given up after seconds, for no item here takes long."""
    with path.open("rb") as file:
        head = file.read(4)
    if pst.recognises(head):
        return PstMailbox(path, _OPTIONS, limits=Limits(opening=LONGEST / 3, step=10, losses=3))
    return open_file(path, _OPTIONS, path.name)


def summary(found: Sequence[Outcome]) -> str:
    """The counts in one line."""
    endings = Counter(one.ending for one in found)
    refused = {ending: count for ending, count in sorted(endings.items()) if ending not in {"read", "escaped"}}
    codes = ", ".join(f"{count} {code}" for code, count in refused.items())
    slowest = max(found, key=lambda one: one.seconds)
    return (
        f"{len(found)} damaged files: {endings['read']} read, {sum(refused.values())} refused in words ({codes}), "
        f"{sum(1 for one in found if one.wrong)} otherwise; the slowest took {slowest.seconds:.1f} s ({slowest.name})"
    )
