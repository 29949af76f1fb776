"""Which rows does a `$filter` of Dataverse let through?

A subset of OData: comparisons, `and`, `or`, `not`, brackets, `contains`, `startswith`, `endswith`, `Microsoft.Dynamics.CRM.In`.
Text is compared without regard to case; the wildcards of SQL mean themselves only in square brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carnet.testing.emulators.dataverse_organisation import is_id
from carnet.testing.emulators.dataverse_row import folded
from carnet.testing.emulators.dataverse_turn import BAD_QUERY, Refusal
from carnet.testing.emulators.server import Anything

MOST_CONDITIONS, LONGEST_IN = 500, 850
Read = Callable[[str], Anything]
"""A row, asked for a column."""
Places = tuple[tuple[str, tuple[str, ...]], ...]
_TOKEN = re.compile(r"""\s*(?:'(?:[^']|'')*'|[(),]|\[(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^]"'])*\]|[^\s(),'\[]+)""", re.DOTALL)
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_FUNCTIONS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
_IN = "Microsoft.Dynamics.CRM.In"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What a row must pass; `places`: the (column, values) of which it holds one at least, None where that is not known."""

    passes: Callable[[Read], bool]
    places: Places | None = None


def parsed(text: str, *, kinds: Mapping[str, str], aliases: Mapping[str, str], accents_count: bool) -> Test:
    """The test that a filter is; `kinds` says of each column that may be named what it holds."""
    return _Parser(text, kinds, {**aliases, "accents": "y" if accents_count else ""}).whole()


class _Parser:
    """Reads a filter from left to right."""

    def __init__(self, text: str, kinds: Mapping[str, str], aliases: Mapping[str, str]) -> None:
        self.tokens = self._split(text)
        self.place = 0
        self.conditions = 0
        self.kinds = kinds
        self.aliases = aliases
        self.accents_count = bool(aliases["accents"])

    def whole(self) -> Test:
        test = self._either()
        if self._peek():
            raise _wrong(f"Syntax error at '{self._peek()}'.")
        if self.conditions > MOST_CONDITIONS:
            raise Refusal(400, "0x8004430C", "Number of conditions in query exceeded maximum limit.")
        return test

    def _split(self, text: str) -> list[str]:
        tokens, place = [], 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise _wrong(f"There is an unterminated literal at position {place}.")
            tokens.append(found[0].strip())
            place = found.end()
        return tokens

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _take(self, *expected: str) -> str:
        word = self._peek()
        if not word or (expected and word not in expected):
            raise _wrong(f"Syntax error: expected {' or '.join(expected) or 'more'} at '{word}'.")
        self.place += 1
        return word

    def _either(self) -> Test:
        tests = [self._both()]
        while self._peek() == "or":
            self._take()
            tests.append(self._both())
        if len(tests) == 1:
            return tests[0]
        known = [test.places for test in tests if test.places is not None]
        places = tuple(place for some in known for place in some) if len(known) == len(tests) else None
        return Test(passes=lambda read: any(test.passes(read) for test in tests), places=places)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._peek() == "and":
            self._take()
            tests.append(self._single())
        if len(tests) == 1:
            return tests[0]
        places = next((test.places for test in tests if test.places is not None), None)
        return Test(passes=lambda read: all(test.passes(read) for test in tests), places=places)

    def _single(self) -> Test:
        word = self._take()
        if word == "not":
            inner = self._single()
            return Test(passes=lambda read: not inner.passes(read))
        if word == "(":
            test = self._either()
            self._take(")")
            return test
        self.conditions += 1
        if word == _IN:
            return self._in()
        if word in _FUNCTIONS and self._peek() == "(":
            return self._like(_FUNCTIONS[word])
        return self._comparison(word)

    def _comparison(self, column: str) -> Test:
        kind = self._kind(column)
        operator = self._take()
        if operator == "in":
            raise _wrong("The query node In is not supported.")
        if operator not in _COMPARISONS:
            raise _wrong(f"Syntax error at '{operator}'.")
        value = self._literal(kind, column)
        by_value = operator == "eq" and isinstance(value, str) and kind in {"text", "id"} and "/" not in column
        return Test(
            passes=lambda read: _compare(self._plain(read(column), kind), operator, value),
            places=((column, (str(value),)),) if by_value else None,
        )

    def _like(self, frame: str) -> Test:
        self._take("(")
        column = self._take()
        kind = self._kind(column)
        self._take(",")
        value = self._literal(kind, column)
        self._take(")")
        if kind != "text" or not isinstance(value, str):
            raise _wrong("No function signature matches the arguments.")
        pattern = _like(frame.format(value))
        return Test(passes=lambda read: bool(pattern.fullmatch(str(self._plain(read(column), kind) or ""))))

    def _in(self) -> Test:
        given: dict[str, str] = {}
        self._take("(")
        while (word := self._take()) != ")":
            if word == ",":
                continue
            name, _, value = word.partition("=")
            given[name] = value or self._take()
        column = str(self._resolved(given.get("PropertyName", ""))).strip("'")
        values = self._list(self._resolved(given.get("PropertyValues", "")))
        kind = self._kind(column if column in self.kinds else f"_{column}_value")
        column = column if column in self.kinds else f"_{column}_value"
        wanted = {self._plain(value, kind) for value in values}
        by_value = kind in {"text", "id"} and "/" not in column
        return Test(
            passes=lambda read: self._plain(read(column), kind) in wanted,
            places=((column, tuple(str(value) for value in wanted)),) if by_value else None,
        )

    def _list(self, text: str) -> list[str]:
        """The values of a list: those with an apostrophe need the double quotes of JSON around all."""
        try:
            values = json.loads(re.sub(r"'([^'\"]*)'(?=\s*[,\]])", lambda found: json.dumps(found[1], ensure_ascii=False), text))
        except ValueError:
            text = "Invalid JSON. A comma character ',' was expected in scope 'Array'."
            raise _wrong(text) from None
        if not isinstance(values, list) or not values or any(len(str(value)) > LONGEST_IN for value in values):
            raise _wrong("The values of In are none, or too long.")
        return [str(value) for value in values]

    def _resolved(self, word: str) -> str:
        return self.aliases.get(word, word) if word.startswith("@") else word

    def _kind(self, column: str) -> str:
        if column not in self.kinds:
            raise _wrong(f"Could not find a property named '{column}'.")
        return self.kinds[column]

    def _literal(self, kind: str, column: str) -> Anything:
        word = self._resolved(self._take())
        if word == "null":
            return None
        is_text = word.startswith("'")
        value = word[1:-1].replace("''", "'") if is_text else word
        good = {
            "text": is_text,
            "id": not is_text and is_id(value),
            "whole": not is_text and bool(re.fullmatch(r"-?\d+", value)),
            "yes_no": value in {"true", "false"} and not is_text,
        }.get(kind, not is_text and bool(re.match(r"\d{4}-\d\d-\d\d", value)))
        if not good:
            raise _wrong(f"A binary operator with incompatible types was detected at '{column}'.")
        return self._plain(value == "true" if kind == "yes_no" else int(value) if kind == "whole" else value, kind)

    def _plain(self, value: Anything, kind: str) -> Anything:
        if value is None:
            return None
        if kind == "whole":
            return int(value)
        return folded(value, accents_count=self.accents_count) if kind in {"text", "id"} else value


def _compare(left: Anything, operator: str, right: Anything) -> bool:
    if operator == "eq":
        return bool(left == right)
    if operator == "ne":
        return bool(left != right)
    if left is None or right is None:
        return False
    found = {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}
    return bool(found[operator])


def _like(text: str) -> re.Pattern[str]:
    """The pattern of SQL's LIKE: `%`, `_`, `[set]`, `[^set]`."""
    made, place = "", 0
    while place < len(text):
        each = text[place]
        end = text.find("]", place + 2) if each == "[" else -1
        if end > 0:
            inside = text[place + 1 : end]
            negated, chosen = inside.startswith("^") and len(inside) > 1, inside.lstrip("^") or inside
            made += f"[{'^' if negated else ''}{re.escape(chosen).replace(chr(92) + '-', '-')}]"
            place = end
        else:
            made += {"%": ".*", "_": "."}.get(each) or re.escape(each)
        place += 1
    return re.compile(made, re.DOTALL)


def _wrong(message: str) -> Refusal:
    return Refusal(400, BAD_QUERY, message)
