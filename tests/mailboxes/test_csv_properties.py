from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.errors import CarnetError
from carnet.mailboxes.outlook_csv import open_mailbox, recognises
from carnet.mailboxes.outlook_csv.titles import Layout, layouts
from carnet.model.field import BY_KEY, Shape
from carnet.ports.mailbox import OpenOptions

OUTLOOK = [layout for layout in layouts() if layout.family == "outlook"]
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), min_size=1, max_size=12
)


def _written(layout: Layout, rows: list[dict[str, str]], delimiter: str) -> tuple[str, list[str]]:
    keys = [key for _, key in layout.entries[:95]]
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow([title for title, _ in layout.entries[:95]])
    writer.writerows([[row.get(key, "") for key in keys] for row in rows])
    return table.getvalue(), keys


def _text_keys() -> list[str]:
    single = [key for key, field in BY_KEY.items() if field.shape in {Shape.TEXT, Shape.PHONE, Shape.LINES, Shape.URL}]
    return [key for key in single if all(key in {each for _, each in layout.entries[:95]} for layout in OUTLOOK)]


@settings(max_examples=60, deadline=None)
@given(
    layout=st.sampled_from(OUTLOOK),
    rows=st.lists(st.dictionaries(st.sampled_from(_text_keys()), WORDS, min_size=1), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_written_in_any_locale_comes_back_whole(
    *, layout: Layout, rows: list[dict[str, str]], delimiter: str, encoding: str
) -> None:
    rows = [{key: " ".join(text.split()) for key, text in row.items()} for row in rows]
    rows = [row for row in rows if any(row.values())]
    text, _ = _written(layout, rows, delimiter)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(text.encode(encoding))
        pages = list(open_mailbox(path, OpenOptions()).read("all"))
    read = [dict(record.contact.values) for page in pages for record in page.records]
    assert read == [{key: text for key, text in row.items() if text} for row in rows]


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(str.encode),
        st.text(st.sampled_from('ab,;\t|"\r\n\0 @1'), max_size=200).map(
            lambda text: f"First Name,Private,Email\n{text}".encode()
        ),
    ),
    encoding=st.sampled_from(["", "utf-16", "cp932"]),
)
def test_any_bytes_give_an_error_of_ours_or_a_result_that_adds_up(content: bytes, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(content)
        recognises(content, "table")
        try:
            mailbox = open_mailbox(path, OpenOptions(encoding=encoding))
        except CarnetError:
            return
        pages = list(mailbox.read("all"))
        counts = Counter({"records": 0, "held": 0, "skipped": 0})
        for page in pages:
            counts.update(records=len(page.records), held=len(page.held_back), skipped=len(page.skipped))
        assert counts.total() == mailbox.folders()[0].count
        assert pages[-1].cursor is None
