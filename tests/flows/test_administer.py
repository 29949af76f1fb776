"""Who is an administrator, and does nobody else change what holds for everybody?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carnet.bootstrap import App, build
from carnet.crms.dataverse import open_crm
from carnet.errors import NotAllowed
from carnet.flows.administer import administers, drop_rule, save_rule, set_detection
from carnet.model.account import CrmUser
from carnet.settings import POLICY_FILE, Settings, owns_policy
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import DataverseOrganisation
from gates.fixtures import client_of, watched_dataverse
from web.visitor import Visitor

ME = CrmUser(id="alix", name="Alix Renard", address="alix.renard@contoso.example")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], App]]:
    """Starts Carnet on one home."""
    started: list[App] = []

    def build_it() -> App:
        settings = Settings(home=tmp_path / "home")
        settings.prepare()
        started.append(build(settings, user=ME))
        return started[-1]

    yield build_it
    for each in started:
        each.close()


@pytest.fixture
def somebody_else(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on this process runs for somebody else than the owner of its files."""
    return lambda: monkeypatch.setattr(os, "getuid", lambda: 987_654, raising=False)


def test_the_owner_of_the_policy_is_the_administrator(tmp_path: Path, somebody_else: Callable[[], None]) -> None:
    assert owns_policy(tmp_path), "without a policy it is who could lay one down"
    (tmp_path / POLICY_FILE).write_text("communications = false\n", encoding="utf-8")
    assert owns_policy(tmp_path)
    somebody_else()
    assert not owns_policy(tmp_path)
    (tmp_path / POLICY_FILE).unlink()
    assert not owns_policy(tmp_path)
    assert not owns_policy(tmp_path / "nowhere")


def test_where_files_have_no_owner_it_is_who_may_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getuid")
    (tmp_path / POLICY_FILE).write_text("", encoding="utf-8")
    for writable in (True, False):
        monkeypatch.setattr(os, "access", lambda path, _mode, writable=writable: writable and path.name == POLICY_FILE)
        assert owns_policy(tmp_path) is writable


def test_an_administrator_changes_the_duplicate_rules(start: Callable[[], App]) -> None:
    world = start().world
    assert administers(world)
    rule = world.crm.detection().rules[0]
    set_detection(world, on=False)
    drop_rule(world, rule.id)
    assert (world.crm.detection().on, rule in world.crm.detection().rules) == (False, False)
    save_rule(world, rule)
    assert rule in world.crm.detection().rules


def test_nobody_else_does(start: Callable[[], App], somebody_else: Callable[[], None]) -> None:
    somebody_else()
    world = start().world
    before = world.crm.detection()
    changes: list[Callable[[], None]] = [
        lambda: set_detection(world, on=not before.on),
        lambda: drop_rule(world, before.rules[0].id),
        lambda: save_rule(world, before.rules[0]),
    ]
    for change in changes:
        with pytest.raises(NotAllowed, match="administrator"):
            change()
    assert world.crm.detection() == before


def test_the_page_offers_changes_to_an_administrator_alone(start: Callable[[], App], somebody_else: Callable[[], None]) -> None:
    with Visitor(start()) as visitor:
        visitor.enter().go("/crm/duplicates")
        assert "Ajouter la règle" in visitor.text
        visitor.press("off")
        assert "désactivée" in visitor.text
    somebody_else()
    with Visitor(start()) as visitor:
        visitor.enter().go("/crm/duplicates")
        assert "Ajouter la règle" not in visitor.text
        assert "propriétaire de policy.toml" in visitor.text
        assert {text for form in visitor.forms() for _, _, text, _ in form.buttons} == {"English"}
        form = {"csrf": dict(visitor.forms()[-1].values)["csrf"], "go": "on"}
        refused = visitor.client.post("/crm/duplicates", data=form, headers={"origin": str(visitor.client.base_url)})
        assert refused.status_code == 409


@pytest.mark.parametrize("administrator", [True, False])
def test_in_dynamics_365_it_is_who_has_the_role(start: Callable[[], App], *, administrator: bool) -> None:
    organisation = DataverseOrganisation()
    organisation.add_user(ME.address, name=ME.name, administrator=administrator)
    app = start()
    with watched_dataverse(DataverseEmulator(organisation)) as emulator:
        crm = open_crm(client_of(emulator), clock=app.world.clock)
        assert crm.whoami().administrator is administrator
        crm.close()
