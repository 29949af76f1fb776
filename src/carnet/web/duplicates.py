"""By which rules does the CRM look for duplicates?"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from carnet.errors import NotFound, Refused
from carnet.flows.administer import administers, drop_rule, save_rule, set_detection
from carnet.model.account import RecordKind
from carnet.model.duplicate_rule import ANY_EMAIL, MOST_PUBLISHED, Condition, DuplicateRule, Sameness
from carnet.model.field import FIELDS, Merge
from carnet.web.door import Form, Known, Visit, go, text
from carnet.words import duplicates as told

router = APIRouter(prefix="/crm/duplicates")
ACCOUNT_FIELDS = ("name", "website", "email1", "business_phone", "business_city", "business_postcode")
CONTACT_FIELDS = (ANY_EMAIL, *(field.key for field in FIELDS if field.merge is not Merge.NEVER))
_CONDITIONS = 2


@router.get("")
def rules(visit: Known) -> HTMLResponse:
    """Every rule, whether it is published, and whether duplicates are looked for at all."""
    return _page(visit)


@router.post("")
def change(visit: Known, form: Form) -> Response:
    """Turn detection on or off; publish, unpublish, delete or add a rule."""
    verb, _, which = text(form, "go").partition(":")
    world = visit.world
    try:
        if verb in {"on", "off"}:
            set_detection(world, on=verb == "on")
        elif verb == "add":
            save_rule(world, _sent(visit, form))
        elif verb == "drop":
            drop_rule(world, which)
        elif verb in {"publish", "unpublish"}:
            save_rule(world, replace(_rule(visit, which), published=verb == "publish"))
    except Refused as error:
        return _page(visit, refused=error)
    return go("/crm/duplicates", said="saved")


def _rule(visit: Visit, identity: str) -> DuplicateRule:
    for rule in visit.world.crm.detection().rules:
        if rule.id == identity:
            return rule
    raise NotFound("There is no such duplicate rule.", "List the rules again.")


def _sent(visit: Visit, form: FormData) -> DuplicateRule:
    """The rule that the form describes; a condition without a field is none."""
    conditions = tuple(
        Condition(
            field=text(form, f"field:{place}"),
            sameness=Sameness(text(form, f"sameness:{place}")),
            length=int(length) if (length := text(form, f"length:{place}")).isdecimal() else 0,
        )
        for place in range(_CONDITIONS)
        if text(form, f"field:{place}") and text(form, f"sameness:{place}") in set(Sameness)
    )
    kind = RecordKind.ACCOUNT if text(form, "kind") == RecordKind.ACCOUNT else RecordKind.CONTACT
    return DuplicateRule(
        id=visit.world.ids.record_key("duplicate rule", visit.world.ids.token()),
        name=text(form, "name"),
        conditions=conditions,
        base=kind,
        matching=kind,
        exclude_inactive="exclude_inactive" in form,
        case_sensitive="case_sensitive" in form,
        ignore_blanks="ignore_blanks" in form,
        published="published" in form,
    )


def _page(visit: Visit, *, refused: Refused | None = None) -> HTMLResponse:
    words = visit.words
    return visit.page(
        "duplicates.html",
        status=409 if refused else 200,
        refused=refused,
        detection=visit.world.crm.detection(),
        capabilities=visit.world.crm.capabilities,
        administers=administers(visit.world),
        most=MOST_PUBLISHED,
        places=range(_CONDITIONS),
        fields={RecordKind.CONTACT: CONTACT_FIELDS, RecordKind.ACCOUNT: ACCOUNT_FIELDS},
        kind_label=lambda kind: words.t(told.KINDS[kind]),
        sameness_label=lambda sameness: words.t(told.SAMENESS[sameness]),
        samenesses=tuple(Sameness),
        compared_field=lambda field: told.compared_field(words, field),
        condition=lambda each: told.condition(words, each),
        options=lambda rule: told.options(words, rule),
    )
