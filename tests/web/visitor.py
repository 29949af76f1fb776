"""A browser without scripts, for tests: follows links, fills in forms, presses buttons."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2
from fastapi.testclient import TestClient

from carnet.bootstrap import App
from carnet.web.app import create_app, entry_address

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"


@dataclass(kw_only=True)
class Form:
    """A form of a page, filled in as the page shows it; `buttons` are (name, value, text, disabled)."""

    action: str
    method: str
    multipart: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str, bool]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._button: tuple[str, str, bool] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        has = {key: value or "" for key, value in attrs}
        if tag == "form":
            multipart = has.get("enctype", "").startswith("multipart")
            self.forms.append(Form(action=has.get("action", ""), method=has.get("method", "get"), multipart=multipart))
        if not self.forms:
            return
        form, name = self.forms[-1], has.get("name", "")
        form.names.add(name)
        if tag == "input" and name and "disabled" not in has:
            kind = has.get("type", "text")
            if kind not in {"checkbox", "radio", "file"} or (kind != "file" and "checked" in has):
                form.values.append((name, has.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in has:
            form.values.append((self._select, has.get("value", "")))
        elif tag == "button" and has.get("type") != "button":
            self._button, self._text = (name, has.get("value", ""), "disabled" in has), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "button" and self._button and self.forms:
            name, value, disabled = self._button
            self.forms[-1].buttons.append((name, value, " ".join(self._text.split()), disabled))
            self._button = None


def forms_of(page: str) -> list[Form]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


class Visitor:
    """Comes in with the printed address, and keeps the page it is on."""

    def __init__(self, app: App, language: str = "fr") -> None:
        self.app = app
        self.web = create_app(app)
        headers = {"accept-language": language}
        self.client: httpx2.Client = TestClient(self.web, base_url=ORIGIN, headers=headers, follow_redirects=True)
        self.page: httpx2.Response

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.client.__exit__(kind, error, trace)

    def enter(self) -> Visitor:
        address = urlsplit(entry_address(self.web, PORT))
        return self.go(f"{address.path}?{address.query}")

    def go(self, path: str) -> Visitor:
        self.page = self.client.get(path)
        return self

    @property
    def text(self) -> str:
        """What the page says, tags aside."""
        body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", self.page.text, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\xa0", " ").replace("&amp;", "&").replace("&#39;", "'").split())

    @property
    def at(self) -> str:
        return self.page.url.path

    def forms(self) -> list[Form]:
        return forms_of(self.page.text)

    def press(
        self,
        button: str,
        *,
        change: Mapping[str, str | Sequence[str]] | None = None,
        upload: tuple[str, bytes] | None = None,
        origin: str = ORIGIN,
    ) -> Visitor:
        """Press a button by its value or its text, with some fields changed; then wait until nothing is going on."""
        form, pressed = self._button(button)
        values = [(key, value) for key, value in form.values if key not in (change or {})]
        for key, value in (change or {}).items():
            assert key in form.names, f"the form has no field {key}: {sorted(form.names)}"
            values += [(key, each) for each in ([value] if isinstance(value, str) else value)]
        if pressed[0]:
            values.append((pressed[0], pressed[1]))
        data: dict[str, list[str]] = {}
        for key, value in values:
            data.setdefault(key, []).append(value)
        headers = {"origin": origin}
        if form.method.lower() == "get":
            self.page = self.client.get(form.action, params=data)
        elif form.multipart:
            files = {"file": upload or ("", b"")}
            self.page = self.client.post(form.action, data=data, files=files, headers=headers)
        else:
            self.page = self.client.post(form.action, data=data, headers=headers)
        return self.settle()

    def _button(self, button: str) -> tuple[Form, tuple[str, str, str, bool]]:
        found = [(form, each) for form in self.forms() for each in form.buttons if button in {each[1], each[2]}]
        assert found, f"no button {button} on {self.at}: {[each for form in self.forms() for each in form.buttons]}"
        form, each = found[0]
        assert not each[3], f"{button} is disabled on {self.at}"
        return form, each

    def settle(self, seconds: float = 60) -> Visitor:
        """Load a progress page again until what it waits for is over."""
        until = time.monotonic() + seconds
        while self.at.endswith(("/reading", "/progress")) and 'role="alert"' not in self.page.text:
            assert time.monotonic() < until, "nothing came of it"
            time.sleep(0.05)
            self.go(self.at)
        return self

    # The way through the wizard

    def start(self) -> Visitor:
        return self.go("/").press("Ajouter des contacts")

    def open_demo(self) -> Visitor:
        return self.start().press("Suivant", change={"source": "demo"})

    def open(self, path: Path) -> Visitor:
        return self.start().press("Suivant", upload=(path.name, path.read_bytes()))
