"""The front door lets in one browser, from this computer, from Carnet's own pages."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from carnet.bootstrap import App
from carnet.web.app import entry_address
from carnet.web.middleware import allowed_hosts
from carnet.web.session import LASTING, Sessions, csrf_matches, csrf_token
from flows.rehearsal import CountingIds, TickingClock
from web.visitor import ORIGIN, PORT, Visitor

STATIC = "/static/carnet.css"


def test_nothing_is_served_without_a_session_static_files_included(app: App) -> None:
    with Visitor(app) as stranger:
        for path in ("/", STATIC, "/static/vendor/htmx.min.js", "/history", "/crm/contacts", "/runs/1/events", "/nowhere"):
            page = stranger.go(path).page
            assert page.status_code == 403, path
            assert "carnet serve" in page.text


def test_the_printed_address_lets_one_browser_in_once(app: App) -> None:
    with Visitor(app) as first:
        address = urlsplit(entry_address(first.web, PORT))
        path = f"{address.path}?{address.query}"
        assert (address.hostname, address.port) == ("127.0.0.1", PORT)
        assert first.go(path).page.status_code == 200
        assert first.at == "/"
        assert first.go(STATIC).page.status_code == 200
        first.client.cookies.clear()
        assert first.go(path).page.status_code == 403
        assert "a déjà servi" in first.page.text


def test_the_printed_address_may_be_opened_again_by_the_browser_that_is_in(visitor: Visitor) -> None:
    assert visitor.go("/open?token=spent").page.status_code == 200
    assert visitor.at == "/"


def test_a_wrong_token_opens_nothing(app: App) -> None:
    with Visitor(app) as stranger:
        assert stranger.go("/open?token=guess").page.status_code == 403
        assert stranger.go("/open").page.status_code == 403


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(app: App) -> None:
    with Visitor(app) as visitor:
        address = urlsplit(entry_address(visitor.web, PORT))
        answer = visitor.client.get(f"{address.path}?{address.query}", follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain=" not in cookie


def test_a_session_outlives_the_server(app: App) -> None:
    with Visitor(app) as before:
        before.enter()
        cookies = dict(before.client.cookies)
    with Visitor(app) as after:
        after.client.cookies.update(cookies)
        assert after.go("/history").page.status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")
def test_what_is_kept_of_a_session_is_a_digest_that_its_owner_alone_reads(visitor: Visitor) -> None:
    kept = visitor.app.settings.home / "sessions.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (secret,) = dict(visitor.client.cookies).values()
    assert secret not in kept.read_text()


def test_a_session_ends_after_seven_days(tmp_path: Path) -> None:
    clock = TickingClock()
    sessions = Sessions(tmp_path, clock=clock, ids=CountingIds())
    session = sessions.exchange(sessions.entry())
    assert session is not None
    assert sessions.knows(session)
    assert not sessions.knows("another")
    clock.moment += LASTING + timedelta(seconds=10)
    assert not sessions.knows(session)
    sessions.exchange(sessions.entry())
    assert len(json.loads((tmp_path / "sessions.json").read_text())) == 1


def test_two_homes_do_not_share_a_cookie(tmp_path: Path) -> None:
    one, two = (Sessions(tmp_path / name, clock=TickingClock(), ids=CountingIds()) for name in "ab")
    assert one.cookie != two.cookie


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil.example:{PORT}", ""]
)
def test_another_host_name_is_refused(visitor: Visitor, host: str) -> None:
    assert visitor.client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}"])
def test_every_name_of_this_computer_is_answered(host: str) -> None:
    assert host in allowed_hosts(PORT)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", f"https://127.0.0.1:{PORT}", "http://127.0.0.1", f"http://localhost:{PORT}"]
)
def test_a_form_of_another_origin_is_refused(visitor: Visitor, origin: str) -> None:
    visitor.go("/").press("Ajouter des contacts", origin=origin)
    assert visitor.page.status_code == 403
    assert visitor.app.world.store.drafts.all("alix") == ()


def test_a_form_without_an_origin_is_refused(visitor: Visitor) -> None:
    token = visitor.go("/").forms()[0].values[0][1]
    assert visitor.client.post("/import", data={"csrf": token}).status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_sessions_token_is_refused(visitor: Visitor, token: str) -> None:
    answer = visitor.client.post("/import", data={"csrf": token}, headers={"origin": ORIGIN})
    assert answer.status_code == 409
    assert visitor.app.world.store.drafts.all("alix") == ()


def test_every_form_that_is_posted_carries_the_token(visitor: Visitor) -> None:
    for path in ("/", "/history", "/crm/contacts"):
        for form in visitor.go(path).forms():
            assert form.method == "get" or "csrf" in form.names


def test_a_token_fits_its_own_session_only() -> None:
    assert csrf_matches("one", csrf_token("one"))
    assert not csrf_matches("one", csrf_token("two"))


@pytest.mark.parametrize("path", ["/", STATIC, "/nowhere", "/open"])
def test_every_answer_carries_the_policies(visitor: Visitor, path: str) -> None:
    headers = visitor.go(path).page.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_refusal_carries_the_policies_too(app: App) -> None:
    with Visitor(app) as stranger:
        assert stranger.go("/").page.headers["content-security-policy"].startswith("default-src 'none'")


def test_somebody_elses_draft_and_run_are_not_found(visitor: Visitor) -> None:
    for path in (
        "/wizard/unknown/groups",
        "/wizard/unknown/review",
        "/runs/12",
        "/runs/12/entries",
        "/crm/contacts/x",
        "/crm/x/y",
    ):
        page = visitor.go(path).page
        assert page.status_code == 404, path
        assert 'role="alert"' in page.text
