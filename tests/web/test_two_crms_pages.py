"""Two CRMs in the browser: Dynamics 365 is connected, chosen and left; each page says where contacts go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from carnet.bootstrap import App
from carnet.bootstrap.connecting import connect
from carnet.model.connection import Connection, Pairing, Service, SignInKind
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from carnet.testing.emulators.faults import Fault, Trouble
from gates.fixtures import watched_dataverse
from web.conftest import ME
from web.visitor import Visitor

HERE = "Les contacts vont dans le CRM de cet ordinateur."


@pytest.fixture
def dynamics() -> Iterator[DataverseEmulator]:
    organisation = DataverseOrganisation()
    organisation.add_user(ME.address, name=ME.name)
    with watched_dataverse(DataverseEmulator(organisation)) as emulator:
        yield emulator
    assert not emulator.violations, emulator.violations[:3]


@pytest.fixture
def connection(app: App, visitor: Visitor, dynamics: DataverseEmulator) -> Connection:
    described = app.network.describe(Service.DATAVERSE, user=ME.id, sign_in=SignInKind.NONE, server=dynamics.root)
    kept = connect(app, described)
    visitor.web.state.door.reopen()
    return kept


def contacts_of(emulator: DataverseEmulator) -> int:
    return len(emulator.organisation.rows["contact"])


def plan(visitor: Visitor) -> Visitor:
    return visitor.open_demo().press("Suivant").press("Suivant")


def test_without_a_connection_contacts_go_to_this_computer(visitor: Visitor) -> None:
    visitor.start()
    assert HERE in visitor.text
    assert "Un fichier ne porte aucune adresse" in visitor.text
    visitor.go("/connections")
    assert "Dynamics 365" in visitor.text
    assert "Utiliser ce CRM" not in visitor.text


def test_the_form_for_dynamics_365_asks_for_its_address(visitor: Visitor) -> None:
    visitor.go("/connections/new/dataverse")
    (form,) = [each for each in visitor.forms() if each.action == "/connections/new/dataverse"]
    assert {"server", "client_id", "tenant"} <= form.names
    visitor.press("Se connecter", change={"server": "nowhere in particular", "client_id": "1"})
    assert "nowhere in particular" in visitor.text


def test_the_whole_wizard_writes_to_the_chosen_crm(visitor: Visitor, connection: Connection, dynamics: DataverseEmulator) -> None:
    visitor.start()
    assert f"Les contacts vont dans {connection.label}." in visitor.text
    plan(visitor)
    assert f"Les contacts vont dans {connection.label}." in visitor.text
    visitor.press("Ajouter des contacts")
    assert "Résumé" in visitor.text
    assert contacts_of(dynamics) > 200


def test_a_run_is_undone_where_it_went_whichever_crm_is_chosen(
    visitor: Visitor, connection: Connection, dynamics: DataverseEmulator
) -> None:
    plan(visitor).press("Ajouter des contacts")
    run = visitor.at
    assert contacts_of(dynamics) > 200
    visitor.go("/connections").press("embedded")
    assert "Les contacts vont dans ce CRM" in visitor.text
    visitor.start()
    assert HERE in visitor.text
    visitor.go(f"{run}/undo").press("undo")
    assert contacts_of(dynamics) == 0
    visitor.go("/connections").press(connection.id)
    visitor.start()
    assert f"Les contacts vont dans {connection.label}." in visitor.text


def test_the_review_says_where_the_server_keeps_the_persons_contacts_in_step_itself(
    visitor: Visitor, connection: Connection, dynamics: DataverseEmulator
) -> None:
    assert connection.chosen
    plan(visitor)
    assert "synchronisation côté serveur" not in visitor.text
    dynamics.organisation.synchronise(dynamics.organisation.first.id)
    visitor.web.state.door.reopen()
    assert "synchronisation côté serveur" in visitor.go(visitor.at).text


def test_a_page_that_could_not_come_now_can_be_asked_for_again(
    visitor: Visitor, connection: Connection, dynamics: DataverseEmulator
) -> None:
    assert connection.chosen
    plan(visitor)
    review = visitor.at
    dynamics.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "4000"}))
    visitor.go(review)
    assert visitor.page.status_code == 503
    assert f'href="{review}">Réessayer<' in visitor.page.text


def test_a_plan_follows_the_choice_of_the_crm(visitor: Visitor, connection: Connection, dynamics: DataverseEmulator) -> None:
    plan(visitor)
    review = visitor.at
    visitor.go("/connections").press("embedded")
    visitor.go(review)
    assert HERE in visitor.text
    visitor.press("Ajouter des contacts")
    assert "Résumé" in visitor.text
    assert contacts_of(dynamics) == 0
    assert connection.label not in visitor.text


def test_what_went_to_a_crm_that_is_gone_can_be_seen_and_not_undone(
    app: App, visitor: Visitor, connection: Connection, *, dynamics: DataverseEmulator
) -> None:
    plan(visitor).press("Ajouter des contacts")
    run = visitor.at
    there = contacts_of(dynamics)
    visitor.go(f"/connections/{connection.id}/disconnect").press("Déconnecter")
    assert "Résumé" in visitor.go(run).text
    visitor.go(f"{run}/undo")
    assert visitor.page.status_code == 409
    assert "appartient à un autre CRM" in visitor.text
    assert contacts_of(dynamics) == there
    assert app.settings == visitor.web.state.door.app.settings


@pytest.fixture
def sign_in(app: App, visitor: Visitor, dynamics: DataverseEmulator, *, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Visitor]:
    """Signs in to the environment by the page; an identity provider lets everybody in."""
    network = type(app.network)
    describe = network.describe
    monkeypatch.setattr(network, "describe", lambda *args, **named: replace(describe(*args, **named), sign_in=SignInKind.NONE))
    monkeypatch.setattr(network, "begin_in_browser", lambda *_, **__: _Begun())
    monkeypatch.setattr(network, "finish_in_browser", lambda *_: ME.address)

    def signed_in() -> Visitor:
        visitor.go("/connections/new/dataverse").press("Se connecter", change={"server": dynamics.root, "client_id": "1"})
        waiting = visitor.at
        visitor.client.post(
            "/connections/callback", data={"code": "c", "state": "s"}, headers={"origin": "https://contoso.example"}
        )
        return visitor.go(waiting)

    return signed_in


def test_signing_in_to_an_environment_makes_it_the_one_contacts_go_to(sign_in: Callable[[], Visitor]) -> None:
    visitor = sign_in()
    assert "Connecté." in visitor.text
    assert "Les contacts vont dans ce CRM" in visitor.text


def with_mailbox(app: App, address: str = ME.address) -> None:
    outlook = Connection(id="o", user=ME.id, service=Service.GRAPH, label=address, url="", key="graph:o", address=address)
    app.world.store.connections.save(outlook)


def test_p01_a_crm_user_of_another_address_is_refused_and_both_are_shown(
    app: App, dynamics: DataverseEmulator, sign_in: Callable[[], Visitor]
) -> None:
    with_mailbox(app, "somebody@contoso.com")
    visitor = sign_in()
    assert "somebody@contoso.com" in visitor.text
    assert ME.address in visitor.text
    assert HERE in visitor.start().text
    assert not any("contacts" in exchange.asked.path for exchange in dynamics.log)


def test_p05_taking_over_is_asked_for_before_the_crm_is_connected(
    app: App, dynamics: DataverseEmulator, sign_in: Callable[[], Visitor]
) -> None:
    with_mailbox(app)
    (user,) = dynamics.organisation.users
    crm = f"dataverse:{dynamics.organisation.id}"
    app.world.store.connections.pair(Pairing(mailbox="graph:another", crm=crm, crm_user=user, address="other@contoso.com"))
    visitor = sign_in()
    assert "other@contoso.com" in visitor.text
    visitor.press("cancel")
    assert HERE in visitor.start().text
    sign_in().press("take_over")
    assert "Les contacts vont dans ce CRM" in visitor.text
    world = visitor.web.state.door.app.world
    assert {(each.mailbox, each.crm_user) for each in world.store.connections.pairings()} == {("graph:o", user)}


@dataclass(frozen=True)
class _Begun:
    """What beginning to sign in gives."""

    address: str = "https://login.contoso.example/authorize"
    flow: Mapping[str, str] = field(default_factory=lambda: {"state": "s"})
