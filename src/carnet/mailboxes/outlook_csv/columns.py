"""What is each column of a table taken for, and what did the person say instead?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from carnet.errors import BadSettings
from carnet.mailboxes.outlook_csv import dates, numbered
from carnet.mailboxes.outlook_csv.detect import Dialect
from carnet.mailboxes.outlook_csv.titles import PRIVACY, layouts
from carnet.mailboxes.outlook_csv.translate import ROLES, Table
from carnet.model.field import BY_KEY, Shape


def table_of(dialect: Dialect, *, by_hand: Mapping[str, str], region: str) -> Table:
    """The columns of a table; BadSettings where `by_hand` (position → key) names a column or a field that is not there."""
    guessed = dialect.header.keys
    keys = list(guessed)
    for position, key in by_hand.items():
        at = _position(position, len(keys))
        keys[at] = key if key == guessed[at] else _known(key)
    month_first = dialect.header.layout.language == "en" and region in dates.MONTH_FIRST_REGIONS
    return Table(
        titles=dialect.titles or tuple(str(number + 1) for number in range(len(keys))),
        keys=tuple(keys),
        family=dialect.header.layout.family,
        guards=tuple(_guards(guessed, keys)),
        day_first=not month_first,
    )


def date_positions(table: Table) -> list[int]:
    """Where the dates of a row stand."""
    return [at for at, key in enumerate(table.keys) if key in BY_KEY and BY_KEY[key].shape is Shape.DATE]


def _guards(guessed: Sequence[str], keys: Sequence[str]) -> list[tuple[int, str]]:
    """The privacy columns: neither ignoring one nor mapping it lets a row out that says it is private."""
    guards = []
    for at, (guess, key) in enumerate(zip(guessed, keys, strict=True)):
        if key in PRIVACY:
            guards.append((at, key))
        elif guess in PRIVACY:
            guards.append((at, guess if not key else "mapped"))
    return guards


def _position(text: str, count: int) -> int:
    if text not in map(str, range(count)):
        raise BadSettings("The file has no column {position}.", "Choose one of its columns.", position=text)
    return int(text)


def _known(key: str) -> str:
    if key and key not in BY_KEY and key not in ROLES and key not in _extras():
        raise BadSettings("There is no field {field}.", "Choose one of Carnet's fields.", field=key)
    return key


@cache
def _extras() -> frozenset[str]:
    keys = {key for layout in layouts() for _, key in layout.entries if "#" not in key}
    return frozenset(key for key in keys if not numbered.is_numbered(key))
