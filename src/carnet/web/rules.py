"""Which answers hold for every run, and how is one dropped?"""

from __future__ import annotations

import math
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from carnet.core.normalise import fold
from carnet.flows.rules import Standing, drop, find, standing
from carnet.model.rule import Rule
from carnet.web.door import Form, Known, Visit, go, inside, text
from carnet.words.variants import RULES, dropping, rule_said

router = APIRouter(prefix="/rules")
PAGE = 50


@router.get("")
def rules(visit: Known, q: str = "", page: int = 1) -> HTMLResponse:
    """Every rule in words, the newest first, with what dropping it would change."""
    kept = visit.world.store.rules.all(visit.user)
    q = q.strip()
    wanted = [rule for rule in reversed(kept) if fold(q) in fold(rule_said(visit.words, rule))]
    pages = max(1, math.ceil(len(wanted) / PAGE))
    page = min(max(1, page), pages)
    shown = standing(visit.world, user=visit.user, rules=wanted[(page - 1) * PAGE : page * PAGE])
    return visit.page("rules.html", **_phrases(visit), shown=shown, found=len(wanted), q=q, page=page, pages=pages)


@router.get("/{rule}/drop")
def ask(visit: Known, rule: str, back: str = "") -> HTMLResponse:
    """What dropping the rule changes; nothing is dropped yet."""
    (stands,) = standing(visit.world, user=visit.user, rules=[find(visit.world, user=visit.user, rule=rule)])
    return visit.page("rule.html", **_phrases(visit), stands=stands, back=inside(back, "/rules"))


@router.post("/{rule}/drop")
def drop_rule(visit: Known, rule: str, form: Form) -> Response:
    """Drop it, and go back to where one came from."""
    back = inside(text(form, "back"), "/rules")
    if text(form, "go") != "drop":
        return go(back)
    drop(visit.world, user=visit.user, rule=rule)
    return go(back, said="dropped")


def _phrases(visit: Visit) -> dict[str, Any]:
    """How the templates speak of a rule."""
    words = visit.words

    def said(rule: Rule) -> str:
        return rule_said(words, rule)

    def kind(rule: Rule) -> str:
        return words.t(RULES[rule.kind])

    def changes(stands: Standing) -> str:
        return dropping(words, stands)

    return {"rule_said": said, "rule_kind": kind, "dropping": changes}
