"""Which line of the behaviour spec is shown by which test, and which comes later?

`python tests/architecture/acceptance.py` writes docs/reference/acceptance.md again.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from architecture.sources import ROOT, functions, modules, named

PAGE = ROOT / "docs" / "reference" / "acceptance.md"
IDS = re.compile(r"([a-z]\d\d)(?:_to_([a-z]\d\d))?(?:_|$)")

GROUPS = {
    "W": "Wizard",
    "T": "Track and commands",
    "L": "Lifecycle",
    "S": "Synchronisation",
    "F": "Fields",
    "C": "Company name and addresses",
    "D": "Duplicates",
    "P": "Preconditions and permissions",
    "E": "E-mail",
    "O": "Folders",
    "G": "Tracking category",
    "A": "Appointments",
    "K": "Tasks and timeline",
    "R": "Reporting",
    "M": "What the successor left out",
}
LISTS = "not ours: contact lists are counted and left out; Track takes contacts alone"
SYNC_SERVER = "not ours: about Microsoft's server-side synchronisation, which Carnet does not take part in"
SYNC = "later: two-way synchronisation"
COMMUNICATIONS = "later: communications"
LATER = {
    "L": SYNC,
    "S": SYNC,
    "R": SYNC,
    "E": COMMUNICATIONS,
    "O": COMMUNICATIONS,
    "G": COMMUNICATIONS,
    "A": COMMUNICATIONS,
    "K": COMMUNICATIONS,
}
SINGLY = {
    "L15": COMMUNICATIONS,
    "L16": COMMUNICATIONS,
    "L17": COMMUNICATIONS,
    "L18": COMMUNICATIONS,
    "L19": COMMUNICATIONS,
    "L20": COMMUNICATIONS,
    "L21": COMMUNICATIONS,
    "T05": COMMUNICATIONS,
    "T10": COMMUNICATIONS,
    "F11": COMMUNICATIONS,
    "F12": COMMUNICATIONS,
    "F13": COMMUNICATIONS,
    "F05": SYNC,
    "F06": SYNC,
    "F09": SYNC,
    "F10": SYNC,
    "T15": LISTS,
    "T17": SYNC,
    "D09": "not ours: Carnet looks for duplicates when it writes, and never offline",
    "D10": SYNC,
    "D11": SYNC,
    "P08": SYNC_SERVER,
    "P09": SYNC_SERVER,
    "P10": SYNC_SERVER,
    "C02": SYNC,
    "C03": SYNC,
    "C04": SYNC,
    "M04": SYNC,
    "M05": SYNC,
}
NOTES = {
    "T10": "Convert To for e-mail, appointments and tasks comes later: communications.",
    "W02": "The first page also asks where the contacts come from: the choice of a file is ours.",
    "W09": "A host below a registrable domain stands under that domain, and the hosts are shown: mail.contoso.com under contoso.com.",
    "W27": "The choice is kept with each link; recording comes later: communications.",
    "W28": "The choice is kept with each link; recording comes later: communications.",
}
INTRODUCTION = """\
# Acceptance

Every line of the behaviour that Carnet takes up, by its id, with the tests that show it today or the part of Carnet that will
bring it. This page is made from the names of the tests: a test named `test_w13_…` shows W13.
"""


def ids_of(name: str) -> Iterator[str]:
    """The ids that a test's name begins with: "test_w16_to_w18_…" shows W16, W17 and W18."""
    rest = name.removeprefix("test_")
    while found := IDS.match(rest):
        first, last = found[1], found[2] or found[1]
        yield from (f"{first[0].upper()}{number:02}" for number in range(int(first[1:]), int(last[1:]) + 1))
        rest = rest[found.end() :]


@cache
def shown() -> Mapping[str, list[tuple[str, str]]]:
    """Id → (file, what the test says) of every test that names it."""
    tests: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in modules(ROOT / "tests"):
        for node in functions(path):
            for each in ids_of(node.name) if node.name.startswith("test_") else ():
                said = re.sub(r"^(?:[a-z]\d\d_(?:to_)?)+", "", node.name.removeprefix("test_")).replace("_", " ")
                tests[each].append((named(path), said))
    return tests


def later(identity: str) -> str:
    """The part of Carnet that brings a line which no test shows; "" where there is none."""
    return SINGLY.get(identity) or LATER.get(identity[0], "")


def page(ids: list[str]) -> str:
    """The table, section by section."""
    tests = shown()
    lines = [INTRODUCTION]
    for letter, title in GROUPS.items():
        lines += [f"## {title}", "", "| Id | Shown by | Notes |", "|---|---|---|"]
        for each in (each for each in ids if each.startswith(letter)):
            proof = "<br>".join(f"{said} (`{path}`)" for path, said in sorted(tests.get(each, [])))
            lines.append(f"| {each} | {proof or later(each)} | {NOTES.get(each, '')} |")
        lines.append("")
    return "\n".join(lines)


def spec_ids(text: str) -> list[str]:
    """Every id of the spec's acceptance checklist, in its order."""
    return re.findall(r"^\| ([A-Z]\d\d) \|", text[text.index("# 8. ") :], re.MULTILINE)


if __name__ == "__main__":
    from shared_data import shared

    PAGE.write_text(page(spec_ids(shared("spec", "behaviour.md").read_text(encoding="utf-8"))), encoding="utf-8")
