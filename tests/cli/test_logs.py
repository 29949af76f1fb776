"""Does any log hold a secret or a personal datum, with every library told to say all it can?"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from carnet.bootstrap import build
from carnet.bootstrap.connecting import connect
from carnet.errors import CarnetError
from carnet.model.connection import Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import Terminal
from gates.fixtures import one_mailbox, watched_dataverse, watched_graph

WHO = "camille@contoso.com"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_NUMBER = re.compile(r"\+?33[ \d]{8,}")


@pytest.fixture
def loud() -> Iterator[io.StringIO]:
    """Everything that is logged, by whom ever, in full."""
    told = io.StringIO()
    listener = logging.StreamHandler(told)
    listener.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(told))
    yield told
    structlog.reset_defaults()
    root.removeHandler(listener)
    root.setLevel(before)


@pytest.fixture
def outlook() -> Iterator[GraphEmulator]:
    with watched_graph(GraphEmulator(one_mailbox())) as emulator:
        yield emulator


@pytest.fixture
def dynamics() -> Iterator[DataverseEmulator]:
    organisation = DataverseOrganisation()
    organisation.add_user(WHO, name="Camille Roche")
    organisation.add_account(name="Contoso")
    with watched_dataverse(DataverseEmulator(organisation)) as emulator:
        yield emulator


def personal(outlook: GraphEmulator) -> set[str]:
    """What stands on the cards: names, addresses, numbers, streets."""
    kept: set[str] = {WHO, "Camille", "Roche"}
    for item in outlook.mine.items.values():
        for value in _leaves([item.values, item.extended]):
            if len(value) > 3 and value != "pager":
                kept.add(value)
    return kept


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


def connected(settings: Settings, outlook: GraphEmulator, dynamics: DataverseEmulator) -> None:
    app = build(settings)
    me = app.world.store.people.me()
    assert me is not None
    for service, server in ((Service.GRAPH, outlook.url), (Service.DATAVERSE, dynamics.root)):
        connect(app, app.network.describe(service, user=me.id, sign_in=SignInKind.NONE, server=server))
    app.close()


def test_no_log_holds_a_personal_datum_from_connecting_to_undo(
    terminal: Terminal, outlook: GraphEmulator, dynamics: DataverseEmulator, *, loud: io.StringIO
) -> None:
    terminal("init", "--name", "Camille Roche", "--address", WHO)
    connected(Settings(home=terminal.home), outlook, dynamics)
    terminal.json("groups", WHO)
    outlook.faults.add(Fault(trouble=Trouble.HANG_UP))
    plan = terminal.json("plan", WHO)
    dynamics.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER))
    terminal.apply(plan)
    assert len(dynamics.organisation.rows["contact"]) == 5
    assert terminal.json("crm", "contacts", "--query", "Durand")  # which stands in the address that is asked for
    terminal.json("undo", plan["run"])
    terminal.json("person", WHO)
    logging.getLogger("of.some.library").debug("heard to the end")
    told = loud.getvalue()
    assert told.endswith("of.some.library heard to the end ()\n"), "the test hears nothing"
    found = {datum for datum in personal(outlook) if datum in told}
    assert (found, _EMAIL.findall(told), _NUMBER.findall(told)) == (set(), [], [])


def test_a_job_that_fails_says_its_kind_alone(terminal: Terminal, loud: io.StringIO) -> None:
    terminal("init", "--name", "Camille Roche", "--address", WHO)
    app = build(Settings(home=terminal.home))

    def fail() -> None:
        raise CarnetError("Camille Roche <{address}> is to blame.", address=WHO)

    app.jobs.start("run:1", fail)
    app.close()
    told = loud.getvalue()
    assert ("job_failed" in told, "CarnetError" in told, WHO in told, "Camille" in told) == (True, True, False, False)
