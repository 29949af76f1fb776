"""What does every page hold: whose visit it is, in which language, and how it answers?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData

from carnet.bootstrap import App, build
from carnet.core.completing import label
from carnet.errors import CarnetError, NotAllowed, NotFound
from carnet.flows.connect import crm_of
from carnet.flows.trackers import trackers
from carnet.model.account import CrmUser
from carnet.model.connection import Connection
from carnet.ports.world import World
from carnet.web.session import Sessions, csrf_matches, csrf_token
from carnet.web.signing import SignIns
from carnet.words import LANGUAGES, Words, msgid, negotiate
from carnet.words.directions import staying
from carnet.words.evidence import evidence
from carnet.words.fields import field_label, field_value
from carnet.words.problems import hint, message
from carnet.words.questions import bulk_label, option_label, question_kind
from carnet.words.reasons import folder_reason, reason, repair
from carnet.words.reasons import place as place_in_words
from carnet.words.runs import (
    ACTIONS,
    CONFIDENCES,
    MODES,
    RUN_KINDS,
    RUN_STATES,
    SETTINGS,
    STATES,
    coverage,
    crowded,
    legend,
    on_cards,
)

SAID = {
    "cancelled": msgid("Cancelled. Nothing was kept, and nothing was written."),
    "closed": msgid("The run is closed; it stays in the history."),
    "saved": msgid("Saved."),
    "moved": msgid("Your last answers changed what will be written. Check the numbers, then choose Add Contacts again."),
    "stopping": msgid("The run ends after the current batch."),
    "retried": msgid("The failed contacts are tried again."),
    "nothing": msgid("Nothing was chosen."),
    "forgotten": msgid("Forgotten: only the numbers of the run are left."),
    "forgotten_in_use": msgid("Forgotten. Another program uses the database: do it again later, so that no trace is left in it."),
    "joined": msgid("Joined: groups, review and run see one company, and the next file will too. Its row names the spellings."),
    "apart": msgid("Kept apart. They are not proposed again."),
    "dropped": msgid("Dropped. The answer no longer holds."),
    "connected": msgid("Connected."),
    "disconnected": msgid("Disconnected: the sign-in was forgotten. Links and runs stay."),
    "moved_undo": msgid("Something changed meanwhile. Look at what will be taken back, then confirm again."),
}


def broken() -> CarnetError:
    """What a page says of an error that nobody foresaw; the log knows its kind."""
    return CarnetError("Something went wrong in Carnet itself.", "Try again; if it happens again, report it.")


class Elsewhere(Exception):
    """The page to see first."""

    def __init__(self, path: str) -> None:
        """Go to `path`."""
        super().__init__(path)
        self.path = path


@dataclass(slots=True, kw_only=True)
class Door:
    """What the web application holds: the works behind it, who was let in, the templates, and what jobs stumbled on."""

    app: App
    sessions: Sessions
    templates: Environment
    pending: SignIns
    troubles: dict[str, CarnetError] = field(default_factory=dict)
    elsewhere: dict[str, App] = field(default_factory=dict)
    opening: Lock = field(default_factory=Lock)

    def facing(self, crm: str) -> App:
        """Carnet in front of the CRM of that key, for a run that went there. Raises NotFound where it is no longer connected."""
        with self.opening:
            if crm == self.app.world.crm.key:
                return self.app
            if crm not in self.elsewhere:
                self.elsewhere[crm] = self.app.facing(crm)
            return self.elsewhere[crm]

    def reopen(self) -> None:
        """Work with the CRM that is chosen now."""
        settings = self.app.settings
        self.app.close()
        self.leave()
        self.app = build(settings)

    def leave(self) -> None:
        """Let go of the CRMs of earlier runs."""
        with self.opening:
            for each in self.elsewhere.values():
                each.world.crm.close()
            self.elsewhere.clear()

    def introduce(self, user: CrmUser) -> None:
        """Take in the person of the first start: the CRM is opened again in their name."""
        settings = self.app.settings
        self.app.close()
        self.app = build(settings, user=user)

    def work(self, key: str, job: Callable[[], object]) -> bool:
        """Run a job; what it was refused is kept for the page that waits for it."""

        def run() -> None:
            self.troubles.pop(key, None)
            try:
                job()
            except CarnetError as error:
                self.troubles[key] = error
            except Exception:
                self.troubles[key] = broken()
                raise

        return self.app.jobs.start(key, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request: who asks, in which language, and from which page."""

    door: Door
    words: Words
    csrf: str
    path: str
    query: Mapping[str, str]
    me: CrmUser | None
    crm: str = ""

    @property
    def back(self) -> str:
        """This page with its view, to come back to."""
        query = {key: value for key, value in self.query.items() if key != "said"}
        return self.path + (f"?{urlencode(query)}" if query else "")

    @property
    def app(self) -> App:
        """The works behind the door; on a page about a run, in front of the CRM that it went to."""
        with suppress(NotFound):  # the run can still be looked at; what would write to that CRM is refused
            return self.door.facing(self.crm) if self.crm else self.door.app
        return self.door.app

    @property
    def world(self) -> World:
        """The ports that flows need."""
        return self.app.world

    @property
    def target(self) -> Connection | None:
        """The connected CRM that contacts go to, None for the one on this computer."""
        return crm_of(self.world.store.connections.all(self.user), self.world.crm.key)

    @property
    def user(self) -> str:
        """Whose data this visit may see."""
        return self.me.id if self.me else ""

    def page(self, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """A whole page."""
        html = self.door.templates.get_template(template).render(**self.phrases(), **context)
        return HTMLResponse(html, status)

    def fragment(self, template: str, **context: object) -> str:
        """A part of a page, on one line as server-sent events want it."""
        html = self.door.templates.get_template(template).render(**self.phrases(), **context)
        return " ".join(html.split())

    def phrases(self) -> dict[str, object]:
        """What every template may say."""
        words = self.words
        return {
            "visit": self,
            "w": words,
            "t": words.t,
            "n": words.n,
            "said": words.t(SAID.get(self.query.get("said", ""), "")),
            "other_language": next(language for language in LANGUAGES if language != words.language),
            "coverage": lambda value: coverage(words, value),
            "staying": lambda: staying(words, self.world.policy),
            "evidence": lambda item: evidence(words, item),
            "field_label": lambda key: field_label(words, key),
            "field_value": lambda key, value: field_value(words, key, value),
            "reason": lambda code: reason(words, code),
            "folder_reason": lambda code: folder_reason(words, code),
            "question_kind": lambda kind: question_kind(words, kind),
            "option_label": lambda kind, option: option_label(words, kind, option),
            "bulk_label": lambda value: bulk_label(words, value),
            "legend": lambda: legend(words),
            "confidence_label": lambda value: words.t(CONFIDENCES[value]),
            "action_label": lambda value: words.t(ACTIONS[value]),
            "state_label": lambda value: words.t(STATES[value]),
            "people_on_cards": lambda people: on_cards(words, people),
            "crowded": lambda number: crowded(words, number),
            "mode_label": lambda value: words.t(MODES[value]),
            "run_kind": lambda value: words.t(RUN_KINDS[value]),
            "run_state": lambda value: words.t(RUN_STATES[value]),
            "tracked_by": lambda entries: trackers(self.world, user=self.user, targets=[each.target for each in entries]),
            "card_label": label,
            "setting_labels": {setting: words.t(name) for setting, name in SETTINGS.items()},
            "skipped_reason": lambda skipped: words.t(skipped.reason),
            "repair": lambda mended: repair(words, mended),
            "place": lambda place: place_in_words(words, place),
            "problem": lambda error: message(words, error),
            "problem_hint": lambda error: hint(words, error),
        }


@cache
def make_templates() -> Environment:
    """Templates escape everything, and an unknown name is an error; each is compiled once in a process."""
    environment = Environment(
        loader=PackageLoader("carnet.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = lambda text: quote(str(text), safe="")
    environment.filters["query"] = lambda values: urlencode({key: value for key, value in values.items() if value})
    return environment


def _language(request: Request, door: Door) -> str:
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    return door.app.settings.language or negotiate(request.headers.get("accept-language"))


def guest(request: Request) -> Visit:
    """A visit of somebody who may not have said their name yet."""
    door: Door = request.app.state.door
    me = door.app.world.store.people.me()
    return Visit(
        door=door,
        words=Words(_language(request, door)),
        csrf=csrf_token(request.state.session),
        path=request.url.path,
        query=dict(request.query_params),
        me=me,
        crm=_crm_of_run(door, me, str(request.path_params.get("number", ""))),
    )


def _crm_of_run(door: Door, me: CrmUser | None, number: str) -> str:
    """The key of the CRM that the run of this page went to, "" where the page is about none."""
    if me is None or not number.isdecimal():
        return ""
    try:
        return door.app.world.store.runs.get(me.id, int(number)).crm
    except NotFound:
        return ""


def known(visit: Annotated[Visit, Depends(guest)]) -> Visit:
    """A visit of somebody known; a stranger is asked for a name first."""
    if visit.me is None:
        raise Elsewhere("/start")
    return visit


def returning(request: Request) -> Visit:
    """A visit that an identity provider sent, without a session: nothing of anybody is shown to it."""
    door: Door = request.app.state.door
    return Visit(door=door, words=Words(_language(request, door)), csrf="", path=request.url.path, query={}, me=None)


async def checked_form(request: Request) -> FormData:
    """The form that was sent; refused without its session's token."""
    form = await request.form(max_fields=20_000)
    check_token(request, str(form.get("csrf", "")))
    return form


_LONGEST_ANSWER = 65_536


async def answered(request: Request) -> Mapping[str, str]:
    """What an identity provider answers: a small form, without a session or its token; empty where it is anything else."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LONGEST_ANSWER:
        return {}
    form = await request.form(max_files=0, max_fields=50)
    return {key: value for key, value in form.items() if isinstance(value, str)}


def check_token(request: Request, given: str) -> None:
    """Refuse a form that does not carry its session's token."""
    if not csrf_matches(request.state.session, given):
        raise NotAllowed("This form was not sent from Carnet's own page.", "Go back, load the page again and send it once more.")


Guest = Annotated[Visit, Depends(guest)]
Known = Annotated[Visit, Depends(known)]
Returning = Annotated[Visit, Depends(returning)]
Answer = Annotated[Mapping[str, str], Depends(answered)]
Form = Annotated[FormData, Depends(checked_form)]


def go(path: str, **query: Any) -> RedirectResponse:  # noqa: ANN401 - anything that can stand in an address
    """See another page (post, redirect, get)."""
    chosen = {key: value for key, value in query.items() if value}
    return RedirectResponse(path + (f"?{urlencode(chosen)}" if chosen else ""), 303)


def inside(path: str, otherwise: str) -> str:
    """That path where it is one of Carnet's own, without its query."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path.partition("?")[0] if ours else otherwise


def text(form: FormData, key: str) -> str:
    """A field's text, stripped, "" where it is absent."""
    value = form.get(key, "")
    return value.strip() if isinstance(value, str) else ""


def texts(form: FormData, key: str) -> list[str]:
    """Every text sent under that name."""
    return [value for value in form.getlist(key) if isinstance(value, str)]
