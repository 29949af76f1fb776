"""How is a question put to Dataverse in an address?

Pure. Dataverse has no OData `in` and no `$skip`; a list of values is asked for by its own function In, in an address that
may be long only within a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

_KEPT = "$'(),:/=-._~!*;[]@"
LONGEST = 1800
"""Characters of an address that goes out by itself; a longer one goes in a batch."""
MOST_VALUES, MOST_CHARACTERS = 500, 24_000
"""Values, and characters, of one list: an address within a batch may have 64 KB."""
_AWKWARD = frozenset("'\"[]\\")
_WILD = {"[": "[[]", "%": "[%]", "_": "[_]"}


def text(value: str) -> str:
    """A text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def among(column: str, values: Iterable[str]) -> str:
    """The condition that a column holds one of the values; those that In's list of texts cannot carry are compared singly."""
    values = list(values)
    plain = [value for value in values if not _AWKWARD.intersection(value)]
    listed = ",".join(f"'{value}'" for value in plain)
    tests = [f"Microsoft.Dynamics.CRM.In(PropertyName='{column}',PropertyValues=[{listed}])"] if plain else []
    return either([*tests, *(f"{column} eq {text(value)}" for value in values if _AWKWARD.intersection(value))])


def holds(column: str, part: str) -> str:
    """The condition that a column holds the text somewhere; signs mean themselves."""
    return f"contains({column},{text(_tame(part))})"


def begins(column: str, part: str) -> str:
    """The condition that a column begins with the text."""
    return f"startswith({column},{text(_tame(part))})"


def ends(column: str, part: str) -> str:
    """The condition that a column ends with the text."""
    return f"endswith({column},{text(_tame(part))})"


def either(conditions: Iterable[str]) -> str:
    """One of the conditions."""
    return " or ".join(conditions)


def address(path: str, *, select: Iterable[str] = (), **options: str | int) -> str:
    """The address of a collection or record; `options` are OData's, without their dollar ("filter", "orderby", "top")."""
    said = {"select": ",".join(select), **options}
    asked = [f"${name}={quote(str(value), safe=_KEPT)}" for name, value in said.items() if value != ""]
    return f"{path}?{'&'.join(asked)}" if asked else path


def lists(values: Iterable[str]) -> Iterator[list[str]]:
    """The values, each once, in lists that one address can hold."""
    some: list[str] = []
    size = 0
    for value in dict.fromkeys(values):
        length = len(quote(text(value), safe=_KEPT)) + 1
        if some and (len(some) == MOST_VALUES or size + length > MOST_CHARACTERS):
            yield some
            some, size = [], 0
        some.append(value)
        size += length
    if some:
        yield some


def is_long(url: str) -> bool:
    """Whether an address has to go in a batch."""
    return len(url) > LONGEST


def any_of(columns: Sequence[str], values: Sequence[str]) -> str:
    """The condition that one of the columns holds one of the values."""
    return either(among(column, values) for column in columns)


def _tame(part: str) -> str:
    return "".join(_WILD.get(sign, sign) for sign in part)
