"""Whatever a connected CRM holds, allows and looks for: a rehearsal tells what the run made afterwards does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import SearchStrategy, booleans, builds, dictionaries, lists, none, one_of, sampled_from, tuples

from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_copy import digests
from carnet.testing.emulators.dataverse_organisation import ORGANISATION_WIDE, OWN, DataverseOrganisation
from cli.terminal import Terminal, write_csv
from cli.test_rehearse import counts
from cli.test_rehearse_dynamics import WHO, connected, fates, told_by, untouched
from gates.fixtures import watched_dataverse

TITLES = "First Name,Last Name,Company,Job Title,E-mail Address,Mobile Phone,Private"
GIVEN, NAMES, COMPANIES = (
    ("", "Ada", "Grace", "Zoé"),
    ("", "Lovelace", "Hopper", "Petit"),
    ("", "Contoso", "Contoso SA", "Fabrikam"),
)
JOBS, MAILS = ("", "CTO", "Directrice générale adjointe"), ("", "ada@contoso.com", "g@fabrikam.com", "info@contoso.com")
PHONES = ("", "+33 6 39 98 80 02", "06 39 98 80 03")
RULES = (("emailaddress1",), ("mobilephone",), ("lastname", "firstname"), (("lastname", 1, 3),))
COLUMNS = {
    "firstname": GIVEN,
    "lastname": NAMES,
    "jobtitle": JOBS,
    "emailaddress1": MAILS,
    "emailaddress2": MAILS,
    "mobilephone": PHONES,
}


@dataclass(frozen=True)
class Case:
    """What is in the file, what is in the CRM, and what the user asks for and may do there."""

    cards: list[tuple[str, ...]]
    accounts: list[str]
    people: list[tuple[dict[str, str], bool, bool, int]]
    rules: list[tuple[str | tuple[str, int, int], ...]]
    lengths: dict[str, int]
    denied: str | None
    tracked: bool
    create: bool


def cases() -> SearchStrategy[Case]:
    columns = dictionaries(sampled_from(sorted(COLUMNS)), sampled_from(range(4)), min_size=1).map(
        lambda chosen: {name: COLUMNS[name][place % len(COLUMNS[name])] for name, place in chosen.items()}
    )
    card = tuples(*map(sampled_from, (GIVEN, NAMES, COMPANIES, JOBS, MAILS, PHONES, ("", "", "TRUE"))))
    return builds(
        Case,
        cards=lists(card, min_size=1, max_size=6),
        accounts=lists(sampled_from(COMPANIES[1:]), max_size=3),
        people=lists(tuples(columns, booleans(), booleans(), sampled_from(range(3))), max_size=5),
        rules=lists(sampled_from(RULES), max_size=2, unique=True),
        lengths=dictionaries(sampled_from(["jobtitle", "lastname", "emailaddress1"]), sampled_from([5, 12]), max_size=1),
        denied=one_of(none(), none(), sampled_from(["prvCreateContact", "prvCreateAccount", "prvReadContact"])),
        tracked=booleans(),
        create=booleans(),
    )


def organisation_of(case: Case) -> DataverseOrganisation:
    organisation = DataverseOrganisation()
    organisation.add_user(WHO, name="Camille Roche", administrator=True)
    colleague = organisation.add_user("hugo@contoso.com", name="Hugo Martin")
    accounts = [organisation.add_account(name=name) for name in case.accounts]
    for values, active, theirs, place in case.people:
        parent = ("account", accounts[place]) if place < len(accounts) else None
        state = {} if active else {"statecode": 1, "statuscode": 2}
        written = {name: value for name, value in values.items() if value}
        identity = organisation.add_contact(parent=parent, **written, **state)
        if theirs:
            row = organisation.rows["contact"][identity]
            organisation.change(row, {}, {"ownerid": ("systemuser", colleague)}, by=organisation.first)
    for number, conditions in enumerate(case.rules):
        organisation.add_rule(f"Rule {number}", *conditions)
    organisation.lengths |= {("contact", name): length for name, length in case.lengths.items()}
    if not case.tracked:
        organisation.untracked |= {"contact", "account"}
    return organisation


def deny(organisation: DataverseOrganisation, right: str | None) -> None:
    """Take a right away after the connection was made; that to read reaches one's own records still."""
    if right is None:
        return
    del organisation.first.privileges[right]
    if right.startswith("prvRead"):
        organisation.first.privileges[right] = OWN
    assert organisation.first.privileges.get(right) != ORGANISATION_WIDE


def run(terminal: Terminal, *arguments: object) -> tuple[int, object, Sequence[object], int | None]:
    """How a run ends, what it counts, and what became of each record; why it was refused, where it was; and its number."""
    planned = terminal("plan", *arguments, "--json")
    if planned.code:
        return planned.code, planned.json["error"]["code"], (), None
    done = terminal("apply", planned.json["run"], "--fingerprint", planned.json["fingerprint"], "--json")
    if "error" in done.json:
        return done.code, done.json["error"]["code"], (), None
    return done.code, counts(done.json), told_by(terminal, planned.json["run"]), planned.json["run"]


NAMELESS = Case(
    cards=[("", "Hopper", "", "", "ada@contoso.com", "+33 6 39 98 80 02", "")],
    accounts=["Fabrikam"],
    people=[({"emailaddress2": "ada@contoso.com"}, True, False, 0)],
    rules=[],
    lengths={"emailaddress1": 5},
    denied=None,
    tracked=False,
    create=True,
)
"""The CRM has somebody without a last name, who gets one, and keeps it after an undo."""


@settings(max_examples=8)
@given(case=cases())
@example(case=NAMELESS)
def test_whatever_the_crm_holds_a_rehearsal_tells_what_the_run_does(tmp_path_factory: pytest.TempPathFactory, case: Case) -> None:
    folder = tmp_path_factory.mktemp("any")
    box = write_csv(folder / "box.csv", *map(",".join, case.cards), titles=TITLES)
    with (
        pytest.MonkeyPatch.context() as patch,
        watched_dataverse(DataverseEmulator(organisation_of(case), largest_page=2)) as real,
    ):
        patch.setenv("CARNET_HOME", str(folder / "carnet"))
        terminal = Terminal(folder / "carnet")
        terminal("init", "--name", "Camille Roche", "--address", WHO)
        connected(terminal, real.root)
        deny(real.organisation, case.denied)
        asked = (box, "--create-accounts") if case.create else (box,)
        with untouched(terminal, real):
            told = terminal("rehearse", *asked, "--json")
        rehearsed: tuple[int, object, Sequence[object]]
        if "error" in told.json:
            rehearsed = told.code, told.json["error"]["code"], ()
        else:
            rehearsed = told.code, counts(told.json["summary"]), fates(told.json)
        before = digests(real.organisation)
        ended = run(terminal, *asked)
        assert rehearsed == ended[:3]
        if ended[3] is not None:
            terminal.json("undo", ended[3])
            assert (digests(real.organisation) == before) is told.json["summary"]["undo"]["restored"]
