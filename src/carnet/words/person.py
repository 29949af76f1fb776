"""What is held about a person, line by line?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from carnet.core.completing import label
from carnet.flows.person import Held
from carnet.model.contact import Record
from carnet.words.catalogue import Words
from carnet.words.fields import field_label, field_value
from carnet.words.reasons import place
from carnet.words.runs import ACTIONS, RUN_KINDS, STATES

Section = tuple[str, list[tuple[str, list[str]]]]
"""A heading, and under it things with their lines."""


def sections(words: Words, held: Held) -> list[Section]:
    """Where something is held, and what; places that hold nothing are left out."""
    found: list[Section] = [
        (words.t("In the CRM"), [(each.name, _values(words, each.values)) for each in held.contacts]),
        (words.t("In the index over the CRM"), [(each.name, [*each.emails, *each.phones]) for each in held.index]),
        (words.t("Read, and not yet closed"), [_card(words, card) for _, card in held.cards]),
        (words.t("In a wizard that is open"), [(draft.name or draft.id, []) for draft in held.drafts]),
        (words.t("In the lines of runs"), list(_lines(words, held))),
        (words.t("In open questions"), [(words.t("Run {run}", run=str(run)), [key]) for run, key in held.questions]),
        (words.t("As a link"), [(link.target, _values(words, link.base)) for _, link in held.links]),
        (words.t("In a rule"), [(rule.name or rule.id, list(rule.labels.values())) for rule in held.rules]),
        (words.t("Beside a mailbox, as an address whose folders are shown"), [(mailbox, []) for mailbox in held.shown]),
        (words.t("As a digest of what a mailbox held"), [(mailbox, []) for mailbox in held.remembered]),
    ]
    return [(title, things) for title, things in found if things]


def _card(words: Words, card: Record) -> tuple[str, list[str]]:
    name = f"{label(card.contact)} ({place(words, card.place)})"
    return name, [*_values(words, card.contact.values), *_values(words, card.contact.extras), *card.contact.more_emails]


def _lines(words: Words, held: Held) -> Iterator[tuple[str, list[str]]]:
    for run, entry in held.lines:
        at = run.started_at or run.planned_at
        when = words.date(at) if at else ""
        named = f"{words.t(RUN_KINDS[run.kind])} {run.number}, {when}"
        title = f"{named} – {words.t(ACTIONS[entry.action])}, {words.t(STATES[entry.state])}"
        before = [words.t("before: {value}", value=text) for text in _values(words, entry.before)]
        yield title, [entry.label, *_values(words, entry.values), *before, *_values(words, entry.too_long)]


def _values(words: Words, values: Mapping[str, str | None]) -> list[str]:
    return [
        words.t("{field}: {value}", field=field_label(words, key), value=field_value(words, key, value))
        for key, value in values.items()
        if value
    ]
