"""Which spellings may be one company, and what does a person say to that on the page of the groups?"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.responses import Response
from starlette.datastructures import FormData

from carnet.core.normalise import company_key
from carnet.core.variants import Spelling, Variant
from carnet.flows.rules import by_name
from carnet.flows.variants import accept, proposal, propose, refuse
from carnet.model.draft import Draft
from carnet.model.group import Group, Mode
from carnet.model.rule import Rule, RuleKind
from carnet.web.door import Visit, go, text, texts
from carnet.words.variants import SURE, variant_evidence

PAGE = 10
_FEW = 3
"""Proposals that are shown at once; more are behind their number until somebody opens them."""
VERBS = frozenset({"accept", "refuse", "variant", "variants"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A proposal with its anchor on the page, and its reasons in words."""

    variant: Variant
    anchor: str
    sure: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A page of the proposals, whether it is open, and by company key the proposals and the rule of a row."""

    shown: tuple[Shown, ...]
    found: int
    page: int
    pages: int
    open: bool
    concerned: Mapping[str, tuple[Variant, ...]]
    rules: Mapping[str, Rule]

    def beside(self, group: Group) -> list[tuple[str, str]]:
        """(key of the proposal, another name) for each company that the row may be one with."""
        own = company_key(group.title)
        return [
            (variant.key, other)
            for variant in self.concerned.get(own, ())
            for other in _others(variant, {own, *(company_key(each) for each in group.spellings)})
        ]

    def rule(self, group: Group) -> Rule | None:
        """The rule that joined the row."""
        return self.rules.get(company_key(group.title)) if group.spellings else None


def box(visit: Visit, draft: Draft) -> Box | None:
    """What the page of the groups shows of spellings; nothing where it does not group by company."""
    if draft.choices.mode is not Mode.COMPANY:
        return None
    variants = propose(visit.world, user=visit.user, reading=draft.reading, folders=draft.choices.folders)
    rules = visit.world.store.rules.all(visit.user)
    asked = visit.query.get("v", "")
    pages = max(1, math.ceil(len(variants) / PAGE))
    page = min(max(1, int(asked) if asked.isdecimal() else 1), pages)
    shown = variants[(page - 1) * PAGE : page * PAGE]
    return Box(
        shown=tuple(_shown(visit, each) for each in shown),
        found=len(variants),
        page=page,
        pages=pages,
        open=bool(asked) or 0 < len(variants) <= _FEW,
        concerned=_concerned(variants, rules),
        rules=by_name(rules),
    )


def decide(visit: Visit, draft: Draft, form: FormData, *, action: str, view: Mapping[str, str]) -> Response:
    """Take the answer to a proposal, or turn to one; then see the groups again."""
    verb, _, key = action.partition(":")
    groups = f"/wizard/{draft.id}/groups"
    folders = draft.choices.folders
    if verb == "variants":
        return go(groups, **view, v=key)
    if verb == "variant":
        keys = [each.key for each in propose(visit.world, user=visit.user, reading=draft.reading, folders=folders)]
        at = keys.index(key) if key in keys else 0
        response = go(groups, **view, v=at // PAGE + 1)
        response.headers["location"] += f"#{_anchor(key)}"
        return response
    variant = proposal(visit.world, user=visit.user, reading=draft.reading, folders=folders, key=key)
    again = {**view, "v": text(form, "v") or "1"}
    if verb == "refuse":
        refuse(visit.world, user=visit.user, variant=variant)
        return go(groups, **again, said="apart")
    kept = set(texts(form, f"member:{key}"))
    out = [each.key for each in variant.members if each.key not in kept]
    accept(visit.world, user=visit.user, variant=variant, without=out, name=text(form, f"name:{key}"))
    return go(groups, **again, said="joined")


def _shown(visit: Visit, variant: Variant) -> Shown:
    reasons = tuple(variant_evidence(visit.words, each) for each in variant.evidence)
    return Shown(
        variant=variant, anchor=_anchor(variant.key), sure=visit.words.t(SURE.get(variant.confidence, "")), reasons=reasons
    )


def _anchor(key: str) -> str:
    return f"variant-{key}"


def _concerned(variants: tuple[Variant, ...], rules: tuple[Rule, ...]) -> dict[str, tuple[Variant, ...]]:
    """Company key of a row → the proposals that speak of it; a spelling that was joined stands in the row of its rule."""
    called = {key: company_key(rule.name) for rule in rules if rule.kind is RuleKind.VARIANTS for key in rule.members}
    found: defaultdict[str, list[Variant]] = defaultdict(list)
    for variant in variants:
        for row in dict.fromkeys(called.get(each.key, each.key) for each in variant.members if each.contacts):
            found[row].append(variant)
    return {key: tuple(some) for key, some in found.items()}


def _others(variant: Variant, own: set[str]) -> list[str]:
    """What else the proposal speaks of, the account last."""
    spellings: list[Spelling] = [each for each in variant.members if each.key not in own]
    account = [variant.account.name] if variant.account and company_key(variant.account.name) not in own else []
    return list(dict.fromkeys([*(each.title for each in spellings), *account]))
