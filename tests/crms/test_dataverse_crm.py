"""Does the CRM behind Dataverse ask little, tell what it may not do, and hold what the organisation's own rules hold?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from carnet.errors import NotAllowed, Throttled
from carnet.model.account import Dependents, Parent
from carnet.model.change import Operation, Outcome, Write
from carnet.testing.crm_suite import ACCOUNT, CONTACT, account, contact, delete, held, id_of, one, seen, update
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.transport.gate import Gate
from crms.dataverse_world import Dynamics, dynamics, nth, opened

RUN = 77


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics() as found:
        yield found


def people(number: int) -> list[Write]:
    return [contact(f"Durand{each:03}", email1=f"d{each}@contoso.com") for each in range(number)]


def test_a_record_is_opened_in_the_pages_of_dynamics_365(world: Dynamics) -> None:
    assert world.crm.page_of(CONTACT, "7") == f"{world.service.root}/main.aspx?etn=contact&id=7&pagetype=entityrecord"


def part_of(path: str) -> Callable[[Asked], bool]:
    """Picks the parts of batches that ask for that."""
    return lambda asked: asked.part and path in asked.path


# What it costs


def test_an_idle_look_takes_two_requests_and_a_first_one_a_page_of_each_table() -> None:
    with dynamics(largest_page=10) as world:
        for number in range(25):
            world.organisation.add_contact(lastname=f"Durand{number}")
        for number in range(12):
            world.organisation.add_account(name=f"Contoso {number}")
        world.crm.whoami()
        cursors: list[str] = []
        assert world.asked(lambda: cursors.append(seen(world.crm)[2])) == 3 + 2
        assert world.asked(lambda: seen(world.crm, cursors[0])) == 2


def test_a_series_of_creates_takes_a_request_a_message_and_one_to_look(world: Dynamics) -> None:
    world.crm.whoami()
    writes = [replace(write, since=seen(world.crm)[2]) for write in people(100)]
    assert world.asked(lambda: world.crm.apply(writes)) == 100 // 20 + 1
    assert world.asked(lambda: world.crm.apply([replace(write, operation=Operation.DELETE) for write in writes])) == 2 + 100 // 20
    assert world.organisation.rows["contact"] == {}


def test_opening_takes_two_requests_and_no_more_ever(world: Dynamics) -> None:
    assert world.asked(world.crm.whoami) == 2
    assert world.asked(lambda: (world.crm.whoami(), world.crm.key)) == 0
    assert world.asked(lambda: world.crm.require(accounts=True)) == 0


def test_no_cookie_is_sent_back(world: Dynamics) -> None:
    world.crm.whoami()
    seen(world.crm)
    assert not any("cookie" in exchange.asked.headers for exchange in world.service.log)


def test_a_429_closes_the_gate_for_exactly_as_long_as_it_says(world: Dynamics) -> None:
    now, asked_at = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    world.service.watch(lambda _exchange: asked_at.append(now[0]))
    world.service.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}))
    crm = opened(world.service, world.clock, gate=Gate(clock=lambda: now[0], sleep=sleep))
    crm.whoami()
    crm.close()
    assert set(asked_at) == {37.0}


def test_the_last_word_of_a_busy_crm_is_told_and_keeps_the_gate_closed(world: Dynamics) -> None:
    now = [0.0]
    gate = Gate(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    busy = Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "37"}, when=lambda asked: asked.part, times=999)
    world.service.faults.add(busy)
    crm = opened(world.service, world.clock, gate=gate)
    with pytest.raises(Throttled) as told:
        crm.whoami()
    crm.close()
    assert (told.value.values["seconds"], gate.closed_for) == ("37", 37.0)


# Who asks


def test_the_user_is_told_with_address_role_and_what_the_server_does_for_them(world: Dynamics) -> None:
    user = world.crm.whoami()
    assert (user.name, user.address, user.administrator, user.synchronised) == (
        "Camille Roche",
        "camille@contoso.com",
        True,
        False,
    )
    world.organisation.synchronise(user.id)
    again = opened(world.service, world.clock)
    assert again.whoami().synchronised
    assert again.key == f"dataverse:{world.organisation.id}"
    again.close()


def test_users_that_can_own_nothing_are_left_out(world: Dynamics) -> None:
    world.organisation.add_user("gone@contoso.com", name="Gone", disabled=True)
    assert [user.name for user in world.crm.users()] == ["Camille Roche", "Hugo Martin"]


def test_every_right_that_is_missing_is_named_before_anything_is_written(world: Dynamics) -> None:
    few = {"prvReadContact": "Global", "prvReadAccount": "Global", "prvAppendContact": "Global", "prvAppendToAccount": "Global"}
    world.organisation.add_user("lea@contoso.com", privileges=few)
    crm = opened(world.service, world.clock, user="lea@contoso.com")
    with pytest.raises(NotAllowed, match=r"prvCreateContact, prvWriteContact, prvAppendToContact\)"):
        crm.require(accounts=False)
    with pytest.raises(NotAllowed, match="prvCreateAccount"):
        crm.require(accounts=True)
    world.crm.require(accounts=True)
    crm.close()


def test_what_only_some_may_read_of_themselves_stops_nobody(world: Dynamics) -> None:
    """Roles, mailbox, privileges and lengths are withheld; privileges may come without their names, too."""
    for part in ("systemuserroles_association", "mailboxes", "RetrieveUserPrivileges", "Attributes"):
        withheld = Fault(trouble=Trouble.STATUS, status=403, when=nth(1, part_of(part)), body=b"{}")
        world.service.faults.add(withheld)
    user = world.crm.whoami()
    assert (user.address, user.administrator, user.synchronised) == ("camille@contoso.com", False, False)
    assert world.service.faults.left == 0
    world.crm.require(accounts=True)
    assert one(world.crm, contact("Durand")).outcome is Outcome.DONE
    cursor = seen(world.crm)[2]
    assert world.asked(lambda: seen(world.crm, cursor)) == 2


def test_who_nothing_is_tracked_for_is_found_out_where_nobody_tells(narrow: Dynamics) -> None:
    nameless = json.dumps({"RolePrivileges": [{"Depth": "Basic", "PrivilegeId": id_of("x")}]}).encode()
    when = nth(1, part_of("RetrieveUserPrivileges"))
    narrow.service.faults.add(Fault(trouble=Trouble.STATUS, status=200, when=when, body=nameless))
    one(narrow.crm, contact("Aubert"))
    cursor = seen(narrow.crm)[2]
    one(narrow.crm, contact("Durand"))
    assert set(seen(narrow.crm, cursor)[0]) == {id_of("Aubert"), id_of("Durand")}
    assert narrow.asked(lambda: seen(narrow.crm, cursor)) == 2


def test_a_record_that_the_user_may_not_write_fails_alone(world: Dynamics) -> None:
    given = {f"prv{verb}{noun}": "Basic" for verb in ("Read", "Write", "Append", "AppendTo") for noun in ("Contact", "Account")}
    world.organisation.add_user("lea@contoso.com", privileges=given)
    crm = opened(world.service, world.clock, user="lea@contoso.com")
    assert {receipt.code for receipt in crm.apply(people(3))} == {"not_allowed"}
    crm.close()


def test_the_length_of_a_column_is_the_organisations_own(world: Dynamics) -> None:
    world.organisation.lengths["contact", "jobtitle"] = 20
    assert one(world.crm, contact("Durand", job_title="x" * 21)).code == "too_long"
    assert one(world.crm, contact("Aubert", job_title="x" * 20)).outcome is Outcome.DONE


def test_one_row_that_only_the_crm_refuses_costs_one_row(world: Dynamics) -> None:
    world.crm.whoami()
    world.organisation.lengths["contact", "nickname"] = 3
    writes = [*people(30), contact("Aubert", nickname="too long")]
    receipts = world.crm.apply(writes)
    assert [receipt.outcome for receipt in receipts] == [Outcome.DONE] * 30 + [Outcome.FAILED]
    assert receipts[-1].code == "too_long"
    assert len(world.names()) == 30


def test_a_table_without_the_bulk_message_is_written_row_by_row(world: Dynamics) -> None:
    world.organisation.bulk["contact"] = ()
    assert {receipt.outcome for receipt in world.crm.apply(people(25))} == {Outcome.DONE}


# What has changed


def test_a_token_that_is_too_old_reads_all_again_and_tells_what_there_is(world: Dynamics) -> None:
    world.crm.apply([account("Contoso"), contact("Aubert"), contact("Durand")])
    cursor = seen(world.crm)[2]
    world.organisation.delete("contact", id_of("Durand"))
    world.organisation.expire()
    pages = list(world.crm.snapshot(cursor))
    assert {record.id for page in pages for record in page.records} == {id_of("Contoso"), id_of("Aubert")}
    assert pages[-1].present == frozenset({(ACCOUNT, id_of("Contoso")), (CONTACT, id_of("Aubert"))})


def test_links_are_kept_as_they_came(world: Dynamics) -> None:
    one(world.crm, contact("Durand"))
    cursor = seen(world.crm)[2]
    seen(world.crm, cursor)
    targets = [exchange.asked.target for exchange in world.service.log if "deltatoken" in exchange.asked.target]
    given = [exchange.said.body.decode() for exchange in world.service.log]
    assert len(targets) == 2
    assert all(any(f'{target}"' in body for body in given) for target in targets)


@pytest.fixture
def narrow(world: Dynamics) -> Iterator[Dynamics]:
    """Somebody who may read their own records alone: nothing is tracked for them."""
    rights = {
        f"prv{verb}{noun}": "Global"
        for verb in ("Create", "Write", "Append", "AppendTo", "Delete")
        for noun in ("Contact", "Account")
    }
    rights |= {"prvReadContact": "Basic", "prvReadAccount": "Basic", "prvReadActivity": "Basic"}
    world.organisation.add_user("lea@contoso.com", privileges=rights)
    crm = opened(world.service, world.clock, user="lea@contoso.com")
    yield replace(world, crm=crm)
    crm.close()


def test_where_nothing_is_tracked_changes_are_told_by_their_time(narrow: Dynamics) -> None:
    crm = narrow.crm
    one(crm, contact("Aubert"))
    crm.whoami()
    assert not crm.capabilities.deltas
    cursor = seen(crm)[2]
    one(crm, contact("Durand"))
    assert id_of("Durand") in seen(crm, cursor)[0]


def test_where_nothing_is_tracked_deletions_are_found_by_a_look_at_what_is_left(narrow: Dynamics) -> None:
    crm = narrow.crm
    crm.apply([contact("Aubert"), contact("Durand")])
    cursor = seen(crm)[2]
    narrow.organisation.delete("contact", id_of("Durand"))
    assert list(crm.snapshot(cursor))[-1].present is None
    narrow.clock.ahead = timedelta(hours=2)
    assert list(crm.snapshot(cursor))[-1].present == frozenset({(CONTACT, id_of("Aubert"))})


# What hangs on a record


def test_a_record_with_activities_is_kept(world: Dynamics) -> None:
    one(world.crm, contact("Durand"))
    world.organisation.add("task", subject="Call", lookups={"regardingobjectid": ("contact", id_of("Durand"))})
    assert world.crm.dependents(CONTACT, [id_of("Durand")]) == {id_of("Durand"): Dependents(activities=1)}
    assert one(world.crm, delete(CONTACT, "Durand")).code == "has_activities"


def test_what_somebody_else_changed_before_we_could_look_is_not_taken_for_ours(world: Dynamics) -> None:
    def meanwhile(asked: object) -> bool:
        del asked
        row = world.organisation.rows["contact"].get(id_of("Durand"))
        if row is not None and "jobtitle" not in row.values:
            hugo = list(world.organisation.users.values())[1]
            world.organisation.change(row, {"jobtitle": "CEO"}, {}, by=hugo)
        return False

    world.crm.whoami()
    world.service.faults.add(Fault(trouble=Trouble.DELAY, when=meanwhile))
    receipt = one(world.crm, contact("Durand"))
    assert (receipt.outcome, receipt.version) == (Outcome.DONE, "0")
    assert one(world.crm, delete(CONTACT, "Durand", receipt.version)).outcome is Outcome.STALE


def test_an_inactive_record_stays_one_when_it_is_made_again(world: Dynamics) -> None:
    one(world.crm, contact("Durand", active="0"))
    assert not held(world.crm, "Durand").active
    assert one(world.crm, update("Durand", active="1")).outcome is Outcome.DONE
    assert held(world.crm, "Durand").active


def test_an_owner_that_is_none_is_refused(world: Dynamics) -> None:
    stranger = replace(contact("Durand"), owner=id_of("nobody"))
    assert one(world.crm, stranger).code == "unknown_owner"
    hugo = world.crm.users()[1].id
    assert one(world.crm, replace(contact("Aubert", None), owner=hugo)).outcome is Outcome.DONE
    assert held(world.crm, "Aubert").owner == hugo


def test_a_search_goes_past_what_comes_before(world: Dynamics) -> None:
    world.crm.apply(people(60))
    page, total = world.crm.search(CONTACT, "", offset=40, limit=10)
    assert [record.values["surname"] for record in page] == [f"Durand{number:03}" for number in range(40, 50)]
    assert (total, page[0].values["email1"]) == (60, "d40@contoso.com")


def test_a_parent_of_the_same_series_is_there_first(world: Dynamics) -> None:
    child = contact("Durand", Parent(kind=CONTACT, id=id_of("Aubert")))
    receipts = world.crm.apply([child, contact("Aubert")])
    assert [receipt.outcome for receipt in receipts] == [Outcome.DONE, Outcome.DONE]


def test_a_contact_that_has_no_last_name_there_is_changed_in_what_else_it_says(world: Dynamics) -> None:
    """Dataverse itself asks for none; a form does, and an import does not."""
    nameless = world.organisation.add_contact(emailaddress1="info@contoso.com")
    write = Write(operation=Operation.UPDATE, kind=CONTACT, id=nameless, values={"mobile_phone": "+33 6 39 98 80 02"})
    (receipt,) = world.crm.apply([write])
    assert receipt.outcome is Outcome.DONE
    (refused,) = world.crm.apply([replace(write, values={"surname": ""})])
    assert (refused.outcome, refused.code) == (Outcome.FAILED, "last_name_required")
