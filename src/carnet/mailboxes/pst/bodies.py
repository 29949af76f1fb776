"""What is the plain text of a note that is kept as RTF or HTML only?"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

from striprtf.striprtf import rtf_to_text

_plain_text: Callable[..., str] = rtf_to_text  # the library says it is typed, and is not
_BREAKING = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3"})
_SILENT = frozenset({"head", "style", "script", "title"})
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)


class _Text(HTMLParser):
    """Collects what a reader would see, with a line break where a block begins."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(data: bytes, *, codec: str) -> str:
    """The text of an HTML body; its own charset wins over `codec`, and a charset that Python does not know over neither."""
    declared = _CHARSET.search(data[:2048])
    try:
        text = data.decode(declared[1].decode("ascii") if declared else codec, "replace")
    except LookupError:
        text = data.decode(codec, "replace")
    parser = _Text()
    parser.feed(text)
    parser.close()
    return _tidy("".join(parser.parts))


def rtf_text(data: bytes) -> str:
    """The text of an RTF body (already decompressed). Raises ValueError or LookupError where it is no RTF."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ValueError("no RTF")
    return _tidy(_plain_text(data.decode("latin-1"), errors="replace"))


def _tidy(text: str) -> str:
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\0", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
