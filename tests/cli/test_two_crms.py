"""Two CRMs in the terminal: Dynamics 365 is connected, chosen, left and named; every run stays with its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.bootstrap import App, build
from carnet.bootstrap.connecting import connect
from carnet.errors import AddressMismatch, NeedsConsent, NotAllowed
from carnet.model.connection import Connection, Pairing, Service, SignInKind
from carnet.settings import Settings
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation, everything
from carnet.testing.emulators.graph import GraphEmulator
from cli.terminal import Terminal
from gates.fixtures import one_mailbox, watched_dataverse, watched_graph

WHO = "camille@contoso.com"


@pytest.fixture
def dynamics(terminal: Terminal) -> Iterator[DataverseEmulator]:
    """An organisation of Dynamics 365 in which Camille works; the terminal is hers."""
    terminal("init", "--name", "Camille Roche", "--address", WHO)
    organisation = DataverseOrganisation()
    organisation.add_user(WHO, name="Camille Roche")
    with watched_dataverse(DataverseEmulator(organisation)) as emulator:
        yield emulator
    assert not emulator.violations, emulator.violations[:3]


@pytest.fixture
def app(terminal: Terminal, dynamics: DataverseEmulator) -> Iterator[App]:
    assert dynamics.url
    app = build(Settings(home=terminal.home))
    yield app
    app.close()


def described(app: App, emulator: GraphEmulator | DataverseEmulator, service: Service = Service.DATAVERSE) -> Connection:
    me = app.world.store.people.me()
    assert me is not None
    server = emulator.root if service is Service.DATAVERSE else emulator.url
    return app.network.describe(service, user=me.id, sign_in=SignInKind.NONE, server=server)


def names(emulator: DataverseEmulator) -> set[str]:
    return {row.values["fullname"] for row in emulator.organisation.rows["contact"].values()}


def test_plan_apply_and_undo_go_to_the_connected_crm_and_say_so(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    kept = connect(app, described(app, dynamics))
    assert "Contacts go to 127.0.0.1" in terminal("plan", mailbox).out
    planned = terminal.json("plan", mailbox)
    assert planned["crm"] == kept.key
    done = terminal.apply(planned)
    assert done["counts"]["added"] == 5
    assert {"Ada Lovelace", "Zoé Petit"} <= names(dynamics)
    assert terminal.json("--crm", "embedded", "crm", "contacts") == []
    assert terminal.json("undo", planned["run"])["counts"]["contacts_deleted"] == 5
    assert names(dynamics) == set()


def test_what_is_too_long_for_this_organisation_is_told_in_the_plan_and_loses_nobody(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, tmp_path: Path
) -> None:
    dynamics.organisation.lengths |= {("contact", "jobtitle"): 10, ("account", "name"): 12}
    connect(app, described(app, dynamics))
    card = tmp_path / "one.vcf"
    said = ["VERSION:3.0", "N:Durand;Zoé", "FN:Zoé Durand", "TITLE:Directrice adjointe", "ORG:Boulangerie Martin;Achats"]
    card.write_text("\r\n".join(["BEGIN:VCARD", *said, "END:VCARD", ""]), encoding="utf-8")
    assert "Directrice adjointe" in terminal("plan", card, "--create-accounts").out
    terminal.apply(terminal.json("plan", card, "--create-accounts"))
    (row,) = dynamics.organisation.rows["contact"].values()
    assert (row.values.get("jobtitle"), row.values["department"]) == (None, "Achats")
    (account,) = dynamics.organisation.rows["account"].values()
    assert account.values["name"] == "Boulangerie"


def test_the_policy_holds_for_a_system_administrator_as_well(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    dynamics.organisation.first.roles.append("System Administrator")
    dynamics.organisation.add_account(name="Contoso", address1_city="Lyon")
    dynamics.organisation.add_account(name="Contoso", emailaddress1="leeds@contoso.com")
    connect(app, described(app, dynamics))
    rules = ['fields = "professional"', "create_accounts = false", "communications = false", "largest_run = 1"]
    (terminal.home / "policy.toml").write_text("\n".join(rules), encoding="utf-8")
    for option in ("--create-accounts", "--track-communications"):
        assert terminal("plan", mailbox, option).code == 2
    assert terminal("plan", mailbox, "--fields", "all").code == 2
    planned = terminal.json("plan", mailbox)
    refused = terminal("apply", planned["run"], "--fingerprint", planned["fingerprint"])
    assert (refused.code, "the policy allows 1" in refused.err) == (2, True)
    assert not dynamics.organisation.rows["contact"]
    chosen = terminal.json("contacts", mailbox)[0]["contact"]
    assert terminal("set-parent", mailbox, "--contact", chosen, "--new-account", "Neuve").code == 2
    hint = terminal("set-parent", mailbox, "--contact", chosen, "--account", "contoso", "--json").json["error"]["hint"]
    assert "(Lyon)" in hint
    assert "(leeds@contoso.com)" in hint


def test_a_plan_says_where_the_server_keeps_the_persons_contacts_in_step_itself(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    connect(app, described(app, dynamics))
    assert "server-side synchronization" not in terminal("plan", mailbox).out
    dynamics.organisation.synchronise(dynamics.organisation.first.id)
    assert "server-side synchronization" in " ".join(terminal("plan", mailbox).out.split())


def test_who_may_create_no_account_is_told_which_right_is_missing_before_anything_is_written(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    del dynamics.organisation.first.privileges["prvCreateAccount"]
    connect(app, described(app, dynamics))
    planned = terminal.json("plan", mailbox, "--create-accounts")
    refused = terminal("apply", planned["run"], "--fingerprint", planned["fingerprint"])
    assert (refused.code, "prvCreateAccount" in refused.err) == (2, True)
    assert names(dynamics) == set()


def test_a_run_stays_with_its_crm_whichever_is_chosen_later(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    kept = connect(app, described(app, dynamics))
    there = terminal.json("plan", mailbox)
    assert terminal.json("use", "embedded") == {"crm": "embedded"}
    assert [each["chosen"] for each in terminal.json("connections")["connections"]] == [False]
    here = terminal.json("plan", mailbox)
    assert (there["crm"], here["crm"]) == (kept.key, "embedded")
    terminal.apply(there)
    assert len(names(dynamics)) == 5
    assert terminal.contacts() == {}
    terminal.apply(here)
    assert len(terminal.contacts()) == 5
    assert terminal.json("undo", there["run"])["counts"]["contacts_deleted"] == 5
    assert names(dynamics) == set()
    assert len(terminal.contacts()) == 5
    assert terminal.json("use", "127.0.0.1:" + dynamics.root.rpartition(":")[2]) == {"crm": kept.key}


@pytest.mark.usefixtures("dynamics")
def test_an_application_connects_no_mailbox(terminal: Terminal) -> None:
    refused = terminal("connect", "microsoft365", "--application", "--client-id", "1", "--tenant", "contoso.onmicrosoft.com")
    assert (refused.code, "a person's mailbox" in refused.err) == (2, True)


def test_one_command_can_name_another_crm(terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path) -> None:
    kept = connect(app, described(app, dynamics))
    assert terminal.json("--crm", "embedded", "plan", mailbox)["crm"] == "embedded"
    assert terminal.json("--crm", kept.label, "plan", mailbox)["crm"] == kept.key
    assert terminal("--crm", "fabrikam.crm4.dynamics.com", "plan", mailbox).code == 2


def test_a_rehearsal_takes_the_crm_that_is_named(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    connect(app, described(app, dynamics))
    asked = dynamics.requests
    assert terminal("--crm", "embedded", "rehearse", mailbox).code == 0
    assert dynamics.requests == asked
    assert terminal("rehearse", mailbox).code == 0
    assert dynamics.requests > asked


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_the_browser_takes_no_crm_from_the_command_line(terminal: Terminal, command: str) -> None:
    refused = terminal("--crm", "embedded", command, "--no-browser")
    assert (refused.code, "carnet use" in refused.err) == (2, True)


def test_a_run_of_a_crm_that_is_no_longer_connected_is_refused(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    kept = connect(app, described(app, dynamics))
    planned = terminal.json("plan", mailbox)
    terminal.json("disconnect", kept.label)
    refused = terminal("apply", planned["run"], "--fingerprint", planned["fingerprint"])
    assert (refused.code, "no longer connected" in refused.err) == (2, True)
    assert names(dynamics) == set()


def test_disconnecting_leaves_nothing_of_what_was_read_in_the_crm(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    dynamics.organisation.add_contact(firstname="Zoé", lastname="Durand", emailaddress1="zoe@fabrikam.com")
    kept = connect(app, described(app, dynamics))
    terminal.json("plan", mailbox)
    terminal.json("use", "embedded")
    for sought in ("zoe@fabrikam.com", "Zoé Durand"):
        held = terminal.json("person", sought)
        assert ([each["name"] for each in held["index"]], held["contacts"]) == (["Zoé Durand"], [])
    terminal.json("disconnect", kept.label)
    assert terminal.json("person", "zoe@fabrikam.com")["index"] == []
    assert kept.key not in app.world.store.candidates.crms()


def test_a_contact_is_tracked_placed_and_untracked_by_hand_in_the_connected_crm(
    terminal: Terminal, app: App, dynamics: DataverseEmulator, *, mailbox: Path
) -> None:
    account = dynamics.organisation.add_account(name="Contoso")
    connect(app, described(app, dynamics))
    ids = {each["name"]: each["contact"] for each in terminal.json("contacts", mailbox)}
    terminal.apply(terminal.json("track", mailbox, "--contact", ids["Ada Lovelace"]))
    terminal.apply(terminal.json("set-parent", mailbox, "--contact", ids["Ada Lovelace"], "--account", "Contoso"))
    (row,) = dynamics.organisation.rows["contact"].values()
    assert (row.values["fullname"], row.lookups["parentcustomerid"]) == ("Ada Lovelace", ("account", account))
    planned = terminal.json("untrack", mailbox, "--contact", ids["Ada Lovelace"], "--delete")
    terminal.json("apply", planned["run"], "--fingerprint", planned["fingerprint"])
    assert names(dynamics) == set()
    assert terminal.json("contacts", mailbox, "--tracked") == []


def test_p01_p02_p03_a_crm_user_of_another_address_or_of_none_is_refused(app: App, dynamics: DataverseEmulator) -> None:
    with watched_graph(GraphEmulator(one_mailbox())) as outlook:
        connect(app, described(app, outlook, Service.GRAPH))
    (user,) = dynamics.organisation.users
    person = dynamics.organisation.rows["systemuser"][user]
    for address in ("alix@contoso.com", "c.roche@contoso.com", None):
        person.values["internalemailaddress"] = address
        with pytest.raises(AddressMismatch):
            connect(app, described(app, dynamics))
    assert [each.service for each in app.world.store.connections.all(described(app, dynamics).user)] == [Service.GRAPH]
    assert not any("contacts" in exchange.asked.path for exchange in dynamics.log)
    person.values["internalemailaddress"] = WHO.upper()
    assert connect(app, described(app, dynamics)).address == WHO.upper()


def test_p05_a_crm_user_who_has_another_mailbox_is_asked_about(app: App, dynamics: DataverseEmulator) -> None:
    with watched_graph(GraphEmulator(one_mailbox())) as outlook:
        mailbox = connect(app, described(app, outlook, Service.GRAPH))
    crm = app.network.crm(described(app, dynamics))
    other = Pairing(mailbox="graph:another", crm=crm.key, crm_user=crm.whoami().id, address=WHO)
    crm.close()
    app.world.store.connections.pair(other)
    with pytest.raises(NeedsConsent):
        connect(app, described(app, dynamics))
    kept = connect(app, described(app, dynamics), take_over=True)
    pairings = {each for each in app.world.store.connections.pairings() if each.crm == kept.key}
    assert {each.mailbox for each in pairings} == {mailbox.key}


def test_p06_rights_that_are_missing_are_named_before_anything_is_kept(app: App, dynamics: DataverseEmulator) -> None:
    (user,) = dynamics.organisation.users.values()
    user.privileges = {
        right: depth for right, depth in everything().items() if right not in {"prvWriteContact", "prvAppendToAccount"}
    }
    with pytest.raises(NotAllowed) as refused:
        connect(app, described(app, dynamics))
    assert refused.value.values["right"] == "prvWriteContact, prvAppendToAccount"
    assert app.world.store.connections.all(described(app, dynamics).user) == ()


def test_an_environment_is_connected_once(app: App, dynamics: DataverseEmulator) -> None:
    first = connect(app, described(app, dynamics))
    again = connect(app, described(app, dynamics))
    assert again.id == first.id
    assert len(app.world.store.connections.all(first.user)) == 1
