"""`carnet variants`, `carnet rules`: which spellings are one company, and which answers hold for every run?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from carnet.bootstrap import App
from carnet.cli.door import AsJson, Door, door_of, user_of
from carnet.cli.source import Columns, Mine, Not, Only, Source, reading_of, ticks
from carnet.core.normalise import company_key
from carnet.core.variants import Variant
from carnet.errors import BadSettings, NeedsConsent
from carnet.flows.close import forget
from carnet.flows.rules import Standing, drop, find, standing
from carnet.flows.variants import accept, proposal, propose, refuse
from carnet.model.reading import Reading
from carnet.model.rule import Rule
from carnet.words import Words, msgid
from carnet.words.variants import SURE, dropping, rule_said, variant_evidence


def register(application: typer.Typer) -> None:
    """Add the commands."""
    application.command()(variants)
    application.command()(rules)


def variants(
    context: typer.Context,
    source: Source,
    *,
    accepted: Annotated[
        str | None, typer.Option("--accept", metavar="KEY", help="These spellings are one company: join them.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What the company is called (with --accept).")] = "",
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="SPELLING", help="Leave this spelling out (with --accept).")
    ] = None,
    refused: Annotated[
        str | None, typer.Option("--refuse", metavar="KEY", help="They are not one company: do not propose it again.")
    ] = None,
    folder: Only = None,
    no_folder: Not = None,
    mine: Mine = False,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """List spellings that may be one company, and join them or keep them apart; the answer holds for the next file as well."""
    if (bool(accepted) and bool(refused)) or ((name or without) and not accepted):
        raise BadSettings("--name and --without go with --accept, and --refuse goes alone.", "Give one answer at a time.")
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        reading = reading_of(door, app, source, chosen=ticks(folder, no_folder, mine=mine, columns=column))
        try:
            made = []
            if accepted:
                made.append(_accept(app, reading, accepted, name=name, without=without or ()))
            if refused:
                variant = proposal(app.world, user=user_of(app), reading=reading.id, key=refused)
                made.append(refuse(app.world, user=user_of(app), variant=variant))
            with door.progress() as watch:
                found = propose(app.world, user=user_of(app), reading=reading.id, watch=watch)
        finally:
            forget(app.world, user=user_of(app), reading=reading.id)
    if as_json:
        told = [_variant(door.words, each) for each in found]
        door.print_json({"variants": told, "rules": [_rule(door.words, each) for each in made]})
        return
    for rule in made:
        door.out.print(rule_said(door.words, rule), style="bold", markup=False)
    _show(door, found)


def _accept(app: App, reading: Reading, key: str, *, name: str, without: Sequence[str]) -> Rule:
    variant = proposal(app.world, user=user_of(app), reading=reading.id, key=key)
    members = {each.key for each in variant.members}
    out = {company_key(each) for each in without}
    if unknown := sorted(out - members):
        known = ", ".join(each.title for each in variant.members)
        raise BadSettings("{name} is none of these spellings.", "Spellings: {known}.", name=unknown[0], known=known)
    return accept(app.world, user=user_of(app), variant=variant, without=out, name=name)


def rules(
    context: typer.Context,
    *,
    dropped: Annotated[str | None, typer.Option("--drop", metavar="ID", help="Drop this rule.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the answers that hold for every run, the newest first, or drop one."""
    door = door_of(context)
    with door.app(as_json=as_json) as app:
        user = user_of(app)
        kept = app.world.store.rules.all(user)[::-1] if dropped is None else (find(app.world, user=user, rule=dropped),)
        found = standing(app.world, user=user, rules=kept)
        if as_json:
            door.print_json([_rule(door.words, each.rule) for each in found])
        elif dropped is None:
            _list(door, found)
        if dropped is not None:
            if not as_json:
                _confirm(door, found[0], yes=yes)
            drop(app.world, user=user, rule=dropped)


def _confirm(door: Door, stands: Standing, *, yes: bool) -> None:
    door.out.print(rule_said(door.words, stands.rule), style="bold", markup=False)
    door.out.print(dropping(door.words, stands), markup=False)
    if yes:
        return
    if not sys.stdin.isatty():
        raise NeedsConsent("Dropping a rule needs your approval.", "Add --yes once you have looked at it.")
    typer.confirm(door.words.t("Drop this rule?"), abort=True)


def _list(door: Door, found: Sequence[Standing]) -> None:
    rows = [
        (
            rule_said(door.words, each.rule),
            door.words.datetime(each.rule.made_at) if each.rule.made_at else "",
            dropping(door.words, each),
            each.rule.id,
        )
        for each in found
    ]
    if rows:
        door.table((msgid("Rule"), msgid("When"), msgid("If it is dropped"), msgid("Key")), rows)
    else:
        door.phrase("There is no rule yet.")


def _show(door: Door, found: Sequence[Variant]) -> None:
    rows = [
        (
            each.name,
            ", ".join(f"{member.title} ({door.words.number(member.contacts)})" for member in each.members),
            each.account.name if each.account else "",
            "; ".join(variant_evidence(door.words, item) for item in each.evidence),
            door.words.t(SURE.get(each.confidence, "")),
            each.key,
        )
        for each in found
    ]
    if not rows:
        door.phrase("No two spellings look like one company.")
        return
    columns = (msgid("Name"), msgid("Spellings"), msgid("Account"), msgid("Reason"), msgid("How sure"), msgid("Key"))
    door.table(columns, rows)


def _variant(words: Words, each: Variant) -> dict[str, object]:
    return {
        "key": each.key,
        "name": each.name,
        "confidence": str(each.confidence),
        "account": {"id": each.account.id, "name": each.account.name} if each.account else None,
        "members": [{"key": one.key, "title": one.title, "contacts": one.contacts} for one in each.members],
        "evidence": [variant_evidence(words, item) for item in each.evidence],
    }


def _rule(words: Words, rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "kind": str(rule.kind),
        "name": rule.name,
        "account": rule.account,
        "members": [{"key": key, "label": rule.labels.get(key, key)} for key in rule.members],
        "said": rule_said(words, rule),
        "made_at": rule.made_at.isoformat() if rule.made_at else None,
    }
