"""What do the reference pages say that are made from the code: errors, the fields of a contact, the rights asked for?

`python -m carnet.testing.reference [FOLDER]` writes them; a test shows that those in `docs/reference` are up to date.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from carnet.core.consenting import SCOPES, Feature
from carnet.errors import CarnetError, Deferred, Refused, Skipped
from carnet.model.direction import FIELDS_OF_ROW, SETTABLE
from carnet.model.field import FIELDS, PSETID_ADDRESS, ROWS, Field, MapiTag, Merge, Privacy

FOLDER = Path("docs/reference")
EXIT_CODES: Mapping[type[CarnetError], int] = MappingProxyType({Refused: 2, Deferred: 3, Skipped: 4})
"""What the shell learns from each branch of the error tree."""

_MADE = "<!-- Made by python -m carnet.testing.reference: change the code, not this page. -->\n"
_MERGE = {Merge.FILL: "fills a blank", Merge.NEVER: "never as text"}
_PRIVACY = {
    Privacy.PROFESSIONAL: "professional",
    Privacy.HOME: "home",
    Privacy.FAMILY: "family",
    Privacy.SENSITIVE: "sensitive",
}
_ERRORS_HEAD = """# Errors

Carnet says what happened, and what to do next. Each error has a code that never changes its meaning: quote it when you ask
for help. Errors form a tree, by what the person who meets them has to do.

| Exit code | When |
|---:|---|
| 0 | done |
| 1 | a bug in Carnet: please report it |
| 2 | refused: a person must act first |
| 3 | deferred: nothing is lost, try again later |
| 4 | done, and some records were skipped, failed or held |
| 64 | the command line was not understood |

`CA000` is the code of what Carnet did not foresee: something went wrong in Carnet itself. Try again, and report it if it comes
back.
"""
_ERRORS_FOOT = """
## In JSON

With `--json` an error is printed as `{"error": {"code": …, "message": …, "hint": …}}`, and the exit code is the same.
"""
_FIELDS_HEAD = """# Fields of a contact

Every field that a contact can have, and what it is called on each side. Mappings, checks and this page are made from one
table, `src/carnet/model/field.py`.

- **A run** *fills a blank*: it writes the value only where the CRM has none. *Never as text*: the CRM makes the full name
  from its parts, and the company becomes the account above the contact.
- **Longest** is counted as the CRM counts, in UTF-16 units. A value that is longer is not cut: the field stays empty, and the
  summary lists the whole value under “to complete”. Only a last name is cut, so that nobody is held for it, and it is listed
  all the same.
- **MAPI** is the property in an Outlook data file: a tag, or the number of a named property in the set
  `{set}`.
- **Kind** says how personal a field is.
- **Direction** is the key of the field in the table `[directions]` of `policy.toml`; “fixed” goes both ways for ever.
"""
_SCOPES_HEAD = """# Rights

What Carnet asks for when somebody signs in at Microsoft, by what they want to do: this and nothing else. Sign-in and this page
are made from one table, `src/carnet/core/consenting.py`. All of them are *delegated*: Carnet can do no more than the person who
signed in.

"""
_SCOPES_FOOT = """
The last one belongs to the organisation's own environment: `https://…crm4.dynamics.com/user_impersonation`. An application that
signs in as the organisation itself, with a secret or a certificate, asks for `/.default` of the environment: what the
administrator has given that application, and no more.
"""
_FEATURES = {
    Feature.SIGN_IN: "Sign in",
    Feature.ADD_CONTACTS: "Add the contacts of a mailbox of Microsoft 365",
    Feature.SHOW_SHARED: "See which contact folders others share with you (`--also-show`)",
    Feature.WORK_IN_CRM: "Work in Dynamics 365",
}


def write(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write every page into the folder, and say which."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in pages())


def pages() -> Mapping[str, str]:
    """File name → text of each page."""
    return {"errors.md": errors_page(), "fields.md": fields_page(), "rights.md": rights_page()}


def errors_page() -> str:
    """The error tree as tables, one for each thing that a person can do about it."""
    parts = [_MADE, _ERRORS_HEAD]
    for branch, code in EXIT_CODES.items():
        parts.append(f"\n## {branch.__name__}: exit code {code}\n\n{_sentence(branch)}\n\n")
        rows = [(f"`{each.code}`", each.__name__, _sentence(each)) for each in _tree(branch)]
        parts.extend(_table(("Code", "Name", "What happened"), rows))
    return "".join([*parts, _ERRORS_FOOT])


def fields_page() -> str:
    """The field table, one section for each of its rows that Dynamics 365 for Outlook knew."""
    titles = (
        "Field",
        "Key",
        "MAPI",
        "vCard",
        "Outlook CSV",
        "Microsoft Graph",
        "CRM column",
        "Longest",
        "A run",
        "Kind",
        "Direction",
    )
    head = _FIELDS_HEAD.replace("{set}", PSETID_ADDRESS)
    rows = [_field_row(field) for row in ROWS for field in FIELDS if field.row == row]
    count = f"\n{len(FIELDS)} fields, in the {len(ROWS)} rows of the field table of Dynamics 365 for Outlook.\n\n"
    return "".join([_MADE, head, count, *_table(titles, rows)])


def rights_page() -> str:
    """Every right that is asked for, by the feature that needs it."""
    rows = [(_FEATURES[each.feature], f"`{each.name}`", each.why[0].upper() + each.why[1:]) for each in SCOPES]
    return "".join([_MADE, _SCOPES_HEAD, *_table(("To do this", "Right", "What for"), rows), _SCOPES_FOOT])


def _tree(branch: type[CarnetError]) -> Iterator[type[CarnetError]]:
    yield branch
    for each in branch.__subclasses__():
        yield from _tree(each)


def _sentence(error: type[CarnetError]) -> str:
    return " ".join((inspect.getdoc(error) or "").split())


def _field_row(field: Field) -> Sequence[str]:
    return (
        field.label,
        f"`{field.key}`",
        _mapi(field.mapi),
        _code(field.vcard),
        field.csv or "–",
        _code(field.graph),
        f"`{field.crm}`",
        str(field.length) if field.length is not None else "a date",
        _MERGE[field.merge],
        _PRIVACY[field.privacy],
        next((f"`{row}`" for row in SETTABLE if field in FIELDS_OF_ROW[row]), "fixed"),
    )


def _mapi(tag: MapiTag | None) -> str:
    if tag is None:
        return "–"
    return f"`0x{tag:04X}`" if isinstance(tag, int) else f"`0x{tag[1]:04X}` (named)"


def _code(text: str | None) -> str:
    return f"`{text}`" if text else "–"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (titles, ["---"] * len(titles), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def main(arguments: Sequence[str]) -> int:
    """Write the pages into the folder named, `docs/reference` by default."""
    for path in write(Path(arguments[0]) if arguments else FOLDER):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
