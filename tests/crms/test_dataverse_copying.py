"""Does a copy of an organisation say and do what the organisation says and does?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from carnet.model.account import CrmRecord, RecordKind
from carnet.model.change import Operation, Write
from carnet.ports.copied import Copyable
from carnet.testing.crm_suite import CONTACT, account, contact
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_copy import digests, organisation_of
from carnet.testing.emulators.dataverse_organisation import OWN, DataverseOrganisation, everything
from carnet.testing.emulators.faults import Fault, Trouble
from crms.dataverse_world import Clock, Dynamics, dynamics, opened
from gates.fixtures import watched_dataverse


def _nothing(_: DataverseOrganisation) -> None:
    """An organisation as it is when it is new."""


def _customised(organisation: DataverseOrganisation) -> None:
    organisation.lengths["contact", "jobtitle"] = 9
    organisation.full_name = 6
    organisation.rows["organization"][organisation.id].values["fullnameconventioncode"] = 6
    organisation.optimistic = False


def _with_rules(organisation: DataverseOrganisation) -> None:
    organisation.add_rule("Same address", "emailaddress1")
    organisation.add_rule("Number and name", ("employeeid", 1, 3), "lastname")
    organisation.add_rule("Draft", "telephone1", published=False)


def _blind_to_rules(organisation: DataverseOrganisation) -> None:
    _with_rules(organisation)
    organisation.detect(on=False)


def _untracked(organisation: DataverseOrganisation) -> None:
    organisation.untracked.add("contact")
    organisation.undetected.add("account")


def _own_rows_alone(organisation: DataverseOrganisation) -> None:
    organisation.first.privileges = everything(OWN)


def _synchronised(organisation: DataverseOrganisation) -> None:
    organisation.synchronise(organisation.first.id)


KINDS = [_nothing, _customised, _with_rules, _blind_to_rules, _untracked, _own_rows_alone, _synchronised]


def populate(organisation: DataverseOrganisation) -> None:
    contoso = organisation.add_account(name="Contoso", address1_line1="1 rue du Bac", address1_line2="Bât. B")
    parent = organisation.add_contact(
        parent=("account", contoso), firstname="Zoé", lastname="Durand", emailaddress1="z@contoso.com"
    )
    organisation.add_contact(
        parent=("contact", parent), lastname="Petit", donotemail=True, birthdate="1980-02-28", employeeid="123"
    )
    organisation.add_contact(lastname="Ancien", statecode=1, statuscode=2, description="Vu à Lyon.\nRappeler.")
    theirs = organisation.add_contact(lastname="Martin", mobilephone="+33 6 39 98 80 02")
    row = organisation.rows["contact"][theirs]
    organisation.change(row, {}, {"ownerid": ("systemuser", list(organisation.users)[1])}, by=organisation.first)


@contextmanager
def copied(world: Dynamics) -> Iterator[Dynamics]:
    assert isinstance(world.crm, Copyable)
    organisation = organisation_of(world.crm.copy())
    with watched_dataverse(DataverseEmulator(organisation)) as service:
        crm = opened(service, Clock(), user=organisation.first.id)
        yield Dynamics(organisation, service, crm, world.clock)
        crm.close()


def told(world: Dynamics) -> dict[str, object]:
    """What Carnet learns of an organisation before it plans."""
    crm = world.crm
    found = [record for page in crm.snapshot() for record in page.records]
    ids = {kind: [record.id for record in found if record.kind is kind] for kind in RecordKind}
    whole: dict[str, CrmRecord] = {id_: record for kind in RecordKind for id_, record in crm.get(kind, ids[kind]).items()}
    return {
        "key": crm.key,
        "user": crm.whoami(),
        "users": crm.users(),
        "detection": crm.detection(),
        "capabilities": crm.capabilities,
        "records": sorted(found, key=lambda record: record.id),
        "whole": whole,
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_a_copy_says_what_the_organisation_says(kind: Callable[[DataverseOrganisation], None]) -> None:
    with dynamics(largest_page=2) as world:
        kind(world.organisation)
        populate(world.organisation)
        version, since = world.organisation.version, len(world.service.log)
        with copied(world) as copy:
            asked = [each.asked for each in world.service.log[since:]]
            assert all(each.method == "GET" or each.path.endswith("/$batch") for each in asked)
            assert told(copy) == told(world)
        assert world.organisation.version == version


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_a_copy_does_what_the_organisation_does(kind: Callable[[DataverseOrganisation], None]) -> None:
    with dynamics() as world:
        kind(world.organisation)
        populate(world.organisation)
        with copied(world) as copy:
            known = {row.values["lastname"]: row.id for row in copy.organisation.rows["contact"].values()}
            writes = [
                account("Fabrikam"),
                contact("Neuve", given_name="Inès", email1="new@contoso.com"),
                contact("Longue", job_title="Directrice"),
                replace(contact("Double", email1="z@contoso.com"), detect=True),
                Write(operation=Operation.UPDATE, kind=CONTACT, id=known["Durand"], values={"job_title": "CTO"}, expects="1"),
                Write(operation=Operation.UPDATE, kind=CONTACT, id=known["Petit"], values={"job_title": "CTO"}),
                Write(operation=Operation.DELETE, kind=CONTACT, id=known["Ancien"]),
            ]
            come = [[replace(each, version="") for each in some.crm.apply(writes)] for some in (copy, world)]
            assert come[0] == come[1]
            there = list(copy.organisation.rows["contact"])
            after = [
                {id_: replace(record, version="") for id_, record in some.crm.get(CONTACT, there).items()}
                for some in (copy, world)
            ]
            assert after[0] == after[1]


def test_rules_that_the_user_may_not_read_are_no_rules() -> None:
    with dynamics() as world:
        _with_rules(world.organisation)
        denied = Fault(trouble=Trouble.STATUS, when=lambda asked: asked.path.endswith("/duplicaterules"), status=403)
        world.service.faults.add(denied)
        with copied(world) as copy:
            assert copy.crm.detection().rules == ()


def test_what_somebody_else_has_shared_with_the_user_is_seen_in_the_copy() -> None:
    """The emulator shares nothing: what a CRM that does would give out is put together here."""
    with dynamics() as world:
        populate(world.organisation)
        whole = world.crm.copy()
        own = {right: depth if right.startswith("prvWrite") else OWN for right, depth in everything().items()}
        organisation = organisation_of(replace(whole, rights=own))
        with watched_dataverse(DataverseEmulator(organisation)) as service:
            crm = opened(service, Clock(), user=organisation.first.id)
            assert {record.id for page in crm.snapshot() for record in page.records} == {
                row.id for table in ("account", "contact") for row in world.organisation.rows[table].values()
            }
            assert not crm.capabilities.deltas
            crm.close()


def test_digests_tell_every_change_but_those_that_the_service_makes_by_itself() -> None:
    with dynamics() as world:
        populate(world.organisation)
        before = digests(world.organisation)
        row = next(iter(world.organisation.rows["contact"].values()))
        world.organisation.change(row, {"jobtitle": None}, {}, by=world.organisation.first)
        assert digests(world.organisation) == before
        world.organisation.edit("contact", row.id, jobtitle="CTO")
        assert len(digests(world.organisation) ^ before) == 2
