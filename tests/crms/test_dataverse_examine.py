"""What can be seen of an organisation of Dataverse is asked read-only, and may be sent to anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from carnet.crms import dataverse
from carnet.flows.examine import Part, examine
from carnet.model.examination import Measure, Observation, Subject
from carnet.ports.examined import Examined
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_batch import Part as Operation
from carnet.testing.emulators.dataverse_batch import read
from carnet.testing.emulators.dataverse_organisation import OWN, DataverseOrganisation, everything
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.transport.client import Client
from gates.fixtures import quick_gate, watched_dataverse

TOKEN = "a-very-secret-token"


class Clock:
    """The present."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def _organisation() -> DataverseOrganisation:
    organisation = DataverseOrganisation("zyxware-secret")
    organisation.add_user("camille@contoso.com", name="Camille Roche")
    account = organisation.add_account(name="Zyxware Holding", websiteurl="www.zyxware.example")
    for number in range(12):
        organisation.add_contact(
            parent=("account", account),
            firstname="Zoé",
            lastname=f"Vauquelin{number}",
            emailaddress1=f"zoe{number}@zyxware.example",
            telephone1=f"+33 4 72 00 00 {number:02}",
        )
    return organisation


@pytest.fixture
def service() -> Iterator[DataverseEmulator]:
    with watched_dataverse(DataverseEmulator(_organisation(), tokens={TOKEN: "camille@contoso.com"})) as emulator:
        yield emulator
    assert not emulator.violations


def _all(emulator: DataverseEmulator) -> tuple[Observation, ...]:
    client = Client(emulator.url, token=lambda: TOKEN, gate=quick_gate(), sleep=lambda _: None)
    crm = dataverse.open_crm(client, clock=Clock())
    assert isinstance(crm, Examined)
    (found,) = examine([Part(subject=Subject.DATAVERSE, examine=crm.examine)])
    crm.close()
    return found.observations


def _seen(emulator: DataverseEmulator) -> Mapping[Measure, Observation]:
    return {each.question: each for each in _all(emulator)}


def test_an_organisation_is_measured(service: DataverseEmulator) -> None:
    found = _all(service)
    seen = {each.question: each.seen for each in found}

    assert [each for each in found if each.holds is False] == []
    assert seen == seen | {
        Measure.ANSWERED: "yes",
        Measure.DATAVERSE_WHO: "200",
        Measure.DATAVERSE_PRIMARY: "yes",
        Measure.DATAVERSE_ADMINISTRATOR: "no",
        Measure.DATAVERSE_MISSING: "none",
        Measure.DATAVERSE_READS_ALL: "yes",
        Measure.DATAVERSE_CASE: "yes",
        Measure.DATAVERSE_SHORTER: "none",
        Measure.DATAVERSE_TRACKS: "yes / yes",
        Measure.DATAVERSE_OPTIMISTIC: "yes / yes",
        Measure.DATAVERSE_COUNTED: "12",
        Measure.DATAVERSE_TRACKED_PAGE: "12",
        Measure.DATAVERSE_IDLE: "200, 0",
        Measure.DATAVERSE_IN: "200",
        Measure.DATAVERSE_BATCH: "200, 404, 200",
        Measure.DATAVERSE_TRACKING_DAYS: "7",
        Measure.DETECTION: "yes / yes",
    }
    bulk = [each.seen for each in found if each.question is Measure.DATAVERSE_BULK]
    assert bulk == [f"{message}: account, contact" for message in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")]


def test_where_a_page_ends_is_told_only_where_another_one_follows(service: DataverseEmulator) -> None:
    assert _seen(service)[Measure.DATAVERSE_TRACKED_PAGE].holds is None
    service.largest_page = 5
    told = _seen(service)[Measure.DATAVERSE_TRACKED_PAGE]
    assert (told.seen, told.holds) == ("5", False)


def test_what_an_administrator_has_changed_is_seen(service: DataverseEmulator) -> None:
    organisation = service.organisation
    organisation.lengths["contact", "jobtitle"] = 40
    organisation.untracked.add("contact")
    organisation.bulk["account"] = ("UpdateMultiple",)
    seen = _seen(service)

    assert (seen[Measure.DATAVERSE_SHORTER].seen, seen[Measure.DATAVERSE_SHORTER].holds) == ("contact.jobtitle 40 / 100", False)
    assert seen[Measure.DATAVERSE_TRACKS].seen == "yes / no"
    assert seen[Measure.DATAVERSE_TRACKED_PAGE].holds is False
    bulk = [each.seen for each in _all(service) if each.question is Measure.DATAVERSE_BULK]
    assert bulk[0] == "CreateMultiple: contact"
    assert bulk[1] == "UpdateMultiple: account, contact"


def test_rights_that_are_missing_are_named(service: DataverseEmulator) -> None:
    user = service.organisation.first
    user.privileges = {**everything(OWN), "prvReadUser": "Global"}
    del user.privileges["prvCreateContact"]
    seen = _seen(service)

    assert (seen[Measure.DATAVERSE_MISSING].seen, seen[Measure.DATAVERSE_MISSING].holds) == ("prvCreateContact", False)
    assert seen[Measure.DATAVERSE_READS_ALL].holds is False
    assert seen[Measure.DATAVERSE_TRACKED_PAGE].holds is False
    assert seen[Measure.ANSWERED].holds is True


def test_nothing_but_reading_is_asked_of_the_crm(service: DataverseEmulator) -> None:
    before = service.organisation.version
    _all(service)

    asked = [exchange.asked for exchange in service.log]
    batches = [each for each in asked if each.path.endswith("/$batch")]
    assert {each.method for each in asked if each not in batches} == {"GET"}
    operations = [operation for each in batches for operation in read(each)]
    assert {each.asked.method if isinstance(each, Operation) else "a change set" for each in operations} == {"GET"}
    assert service.requests < 60
    assert service.organisation.version == before


def test_no_personal_datum_id_or_token_is_in_what_was_seen(service: DataverseEmulator) -> None:
    told = " ".join(f"{each.seen} {each.expected}" for each in _all(service)).casefold()
    held = service.organisation
    hidden = {held.name, held.id, held.business_unit, "camille", "zoe", "vauquelin", "zyxware", "+33 4", "127.0.0.1", TOKEN, "@"}
    hidden |= {identity for rows in held.rows.values() for identity in rows} | set(held.users)

    assert len(hidden) > 20
    assert [each for each in hidden if each.casefold() in told] == []


def test_a_sign_in_that_no_longer_holds_says_so(service: DataverseEmulator) -> None:
    service.tokens = {}
    assert [(each.question, each.seen) for each in _all(service)] == [(Measure.ANSWERED, "CA105")]


@pytest.mark.parametrize(("count", "told"), [(False, "yes"), (True, "no")])
def test_how_names_are_compared_is_seen_by_the_users_own(count: bool, told: str) -> None:
    organisation = DataverseOrganisation()
    organisation.accents_count = count
    organisation.add_user("camille@contoso.com", name="Zoé Durand")
    with DataverseEmulator(organisation, tokens={TOKEN: "camille@contoso.com"}) as emulator:
        seen = _seen(emulator)
    assert (seen[Measure.DATAVERSE_CASE].seen, seen[Measure.DATAVERSE_ACCENTS].seen) == ("yes", told)


def test_how_the_users_mailbox_is_served_is_told_in_codes(service: DataverseEmulator) -> None:
    seen = _seen(service)
    assert set(seen[Measure.DATAVERSE_DELIVERY].seen) <= set("0123456789 /none")


def test_rights_that_are_not_told_are_not_said_to_be_there(service: DataverseEmulator) -> None:
    def privileges(asked: Asked) -> bool:
        return "RetrieveUserPrivileges" in asked.path

    service.faults.add(Fault(trouble=Trouble.STATUS, when=privileges, times=9, status=403, body=b"{}"))
    seen = _seen(service)
    assert (seen[Measure.DATAVERSE_MISSING].seen, seen[Measure.DATAVERSE_MISSING].holds) == ("not told", None)
    assert Measure.DATAVERSE_READS_ALL not in seen
    assert seen[Measure.ANSWERED].holds is True
