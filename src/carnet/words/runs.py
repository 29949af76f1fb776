"""What is a run, a state, an action or a coverage called?"""

from __future__ import annotations

from collections.abc import Sequence

from carnet.core.gathering import Together
from carnet.core.retaining import undoable_until
from carnet.core.twinning import CROWD
from carnet.model.account import CrmRecord
from carnet.model.choices import AccountSetting
from carnet.model.group import Colour, Coverage, Mode
from carnet.model.match import Confidence
from carnet.model.plan import Action, State
from carnet.model.policy import Policy
from carnet.model.run import Run, RunKind, RunState
from carnet.words.catalogue import Words, msgid

_NAMED = 5
MODES = {
    Mode.COMPANY: msgid("Company Name"),
    Mode.DOMAIN: msgid("Email Domain"),
    Mode.CATEGORY: msgid("Categories"),
}
SETTINGS = {
    AccountSetting.NOT_SET: msgid("Not Set"),
    AccountSetting.COMPANY: msgid("Use Company Name"),
    AccountSetting.PICKED: msgid("Pick Existing Account"),
}
SYNCHRONISED = msgid(
    "Dynamics 365 synchronises your Outlook contacts itself (server-side synchronization): contacts that are added may come back "
    "to Outlook as a second card."
)
"""What one should know before adding to a CRM whose own server keeps one's contacts in step."""
RUN_KINDS = {
    RunKind.ADD: msgid("Add Contacts"),
    RunKind.TRACK: msgid("Track"),
    RunKind.SET_PARENT: msgid("Set Parent"),
    RunKind.UNTRACK: msgid("Untrack"),
    RunKind.UNDO: msgid("Undo"),
    RunKind.IMPORT: msgid("Import into the CRM"),
}
RUN_STATES = {
    RunState.PLANNED: msgid("Planned"),
    RunState.APPLYING: msgid("Running"),
    RunState.STOPPED: msgid("Stopped"),
    RunState.DONE: msgid("Ended"),
    RunState.UNDONE: msgid("Undone"),
}
ACTIONS = {
    Action.CREATE: msgid("Create"),
    Action.LINK: msgid("Link"),
    Action.UPDATE: msgid("Update"),
    Action.ASK: msgid("Ask"),
    Action.SKIP: msgid("Skip"),
    Action.UNLINK: msgid("Unlink"),
    Action.DELETE: msgid("Delete"),
    Action.KEEP: msgid("Keep"),
}
STATES = {
    State.PLANNED: msgid("Waiting"),
    State.SENT: msgid("Sent, outcome unknown"),
    State.DONE: msgid("Done"),
    State.FAILED: msgid("Failed"),
    State.HELD: msgid("To decide"),
}
CONFIDENCES = {
    Confidence.LINKED: msgid("Linked to the CRM"),
    Confidence.CERTAIN: msgid("In the CRM, not linked"),
    Confidence.LIKELY: msgid("Perhaps in the CRM"),
    Confidence.DOUBTFUL: msgid("Perhaps in the CRM, doubtful"),
    Confidence.NONE: msgid("Not in the CRM"),
}
_COVERAGE = {
    Colour.GREEN: msgid("All present ({present}/{total})"),
    Colour.YELLOW: msgid("More than {half} present ({present}/{total})"),
    Colour.RED: msgid("At least one present ({present}/{total})"),
    Colour.NONE: msgid("None present ({present}/{total})"),
}
_LEGEND = {
    Colour.GREEN: msgid("Green: all present"),
    Colour.YELLOW: msgid("Yellow: more than {half} present"),
    Colour.RED: msgid("Red: at least one present"),
    Colour.NONE: msgid("No colour: none present"),
}


def undoable(words: Words, run: Run, policy: Policy) -> str:
    """Until when the run can be undone, or since when it was forgotten; "" while it has not ended."""
    if run.erased_at is not None:
        return words.t("forgotten on {date}", date=words.date(run.erased_at))
    last = undoable_until(run, policy)
    return words.t("can be undone until {date}", date=words.date(last)) if last else ""


def unknown_to_the_journal(words: Words, records: Sequence[CrmRecord]) -> str:
    """That records bear a run's number which its journal does not know, and their names; "" where there are none."""
    if not records:
        return ""
    names = ", ".join(record.name for record in records[:_NAMED]) + (" …" if records[_NAMED:] else "")
    return words.n(
        "{n} record in the CRM bears this run’s number and is not in its journal: {names}. Look at it; an undo leaves it.",
        "{n} records in the CRM bear this run’s number and are not in its journal: {names}. Look at them; an undo leaves them.",
        len(records),
        names=names,
    )


def on_cards(words: Words, people: Sequence[Together]) -> str:
    """How many people are on how many cards, "" where nobody is on several."""
    if not people:
        return ""
    cards = sum(len(person.cards) for person in people)
    return words.n("{n} person is on {cards} cards.", "{n} people are on {cards} cards.", len(people), cards=cards)


def crowded(words: Words, number: int) -> str:
    """Why cards that share something were not compared, "" where all were."""
    if not number:
        return ""
    return words.n(
        "{n} address, number or name is shared by more than {most} people: cards are not compared by it.",
        "{n} addresses, numbers or names are shared by more than {most} people each: cards are not compared by them.",
        number,
        most=CROWD,
    )


def coverage(words: Words, value: Coverage) -> str:
    """How much of a group the CRM has, in words and as k/n."""
    return words.t(_COVERAGE[value.colour], half=words.percent(0.5), present=value.present, total=value.total)


def legend(words: Words) -> tuple[tuple[Colour, str], ...]:
    """Each colour with its meaning."""
    return tuple((colour, words.t(text, half=words.percent(0.5))) for colour, text in _LEGEND.items())
