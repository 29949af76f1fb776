"""Do the pages hold together: links, languages, words?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NAMES = [str(page.relative_to(DOCS)) for page in PAGES]
FRENCH = ".fr.md"
TWO_LANGUAGES = ("explanation", "howto")
"""Folders of which every page is there in both languages."""
IN_BOTH = {
    "faq.md": "faq-fr.md",
    "glossary.md": "glossaire.md",
    "tutorial/first-run.md": "tutorial/premiers-pas.md",
    **{
        f"{folder}/{page.name}": f"{folder}/{page.stem}{FRENCH}"
        for folder in TWO_LANGUAGES
        for page in sorted((DOCS / folder).glob("*.md"))
        if not page.name.endswith(FRENCH)
    },
}
MOST_LINES = 45
"""One screen."""

_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SOURCE = re.compile(r"`((?:core|crms|database|flows|mailboxes|model|store|words)/[\w/]*\.?\w*)`")
_LOOSE_SPACE = re.compile(r" [:;?!»]|« |«(?!\u00a0)|(?<!\u00a0)»")
_MACHINE = re.compile(r"(?<![\w.~/])/(?:work|home|root|tmp|Users)/|[A-Z]:\\")
_FORBIDDEN = re.compile("pourboire", re.IGNORECASE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its code."""
    return _CODE.sub("``", _FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings are linked to."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(_FENCE.sub("", text_of(page)))}


def broken(page: Path, text: str) -> Iterator[str]:
    """The links of a page that lead nowhere; addresses on the web are not looked at."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            yield target


def french() -> list[Path]:
    return [DOCS / page for page in IN_BOTH.values()]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert list(broken(page, text_of(page))) == []


def test_a_link_to_nothing_is_found() -> None:
    page = DOCS / "index.md"

    assert list(broken(page, "[a](nowhere.md) [b](why.md) [c](why.md#no-such-heading) [d](#install)")) == [
        "nowhere.md",
        "why.md#no-such-heading",
    ]


@pytest.mark.parametrize(("english", "other"), IN_BOTH.items())
def test_what_is_asked_in_both_languages_is_there_in_both(english: str, other: str) -> None:
    assert (DOCS / english).is_file()
    assert (DOCS / other).is_file()


@pytest.mark.parametrize("page", [page for page in NAMES if page.endswith(FRENCH)])
def test_a_page_in_french_has_its_english_twin(page: str) -> None:
    assert IN_BOTH.get(page.removesuffix(FRENCH) + ".md") == page


@pytest.mark.parametrize(("english", "other"), [pair for pair in IN_BOTH.items() if pair[0] != "glossary.md"])
def test_both_languages_have_the_same_sections_and_link_to_each_other(english: str, other: str) -> None:
    texts = [text_of(DOCS / page) for page in (english, other)]
    levels = [[title.count("#") for title in re.findall(r"^(#+) ", _FENCE.sub("", text), re.MULTILINE)] for text in texts]

    assert levels[0] == levels[1]
    assert f"]({Path(other).name})" in texts[0]
    assert f"]({Path(english).name})" in texts[1]


@pytest.mark.parametrize("page", french(), ids=lambda page: page.name)
def test_french_is_set_with_no_break_spaces(page: Path) -> None:
    loose = [line for line in prose(text_of(page)).splitlines() if _LOOSE_SPACE.search(line) and not line.startswith("|--")]

    assert loose == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_page_speaks_of_a_machine_or_of_a_tip_to_the_waiter(page: Path) -> None:
    text = text_of(page)

    assert not _MACHINE.search(text)
    assert not _FORBIDDEN.search(text)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_page_has_one_title_first(page: Path) -> None:
    titles = re.findall(r"^# .+$", _FENCE.sub("", text_of(page)), re.MULTILINE)
    first = next(line for line in text_of(page).splitlines() if line and not line.startswith("<!--"))

    assert titles == [first]


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_fits_a_screen_and_says_why_what_and_what_follows(page: Path) -> None:
    text = text_of(page)

    assert len(text.splitlines()) <= MOST_LINES
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {page.name[:4]}. ")


def test_every_decision_and_page_can_be_reached_from_the_first() -> None:
    seen, waiting = set[Path](), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in _LINK.findall(text_of(page))]

    assert [page for page in PAGES if page not in seen] == []


@pytest.mark.parametrize("page", sorted((DOCS / "explanation").glob("*.md")), ids=lambda page: page.name)
def test_the_files_that_explanations_name_are_there(page: Path) -> None:
    named = _SOURCE.findall(text_of(page))

    assert named
    assert [path for path in named if not (PROJECT / "src" / "carnet" / path).exists()] == []
