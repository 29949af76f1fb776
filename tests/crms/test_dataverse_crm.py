"""Does the CRM behind Dataverse ask little, tell what it may not do, and hold what the organisation's own rules hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from carnet.errors import NotAllowed, Refused
from carnet.model.account import Dependents, Parent
from carnet.model.change import Duplicate, Operation, Outcome, Write
from carnet.model.duplicate_rule import Condition, DuplicateRule, Sameness
from carnet.testing.crm_suite import ACCOUNT, CONTACT, account, contact, delete, held, id_of, one, seen, update
from carnet.testing.emulators.faults import Fault, Trouble
from carnet.transport.gate import Gate
from crms.dataverse_world import Dynamics, dynamics, opened

RUN = 77


@pytest.fixture
def world() -> Iterator[Dynamics]:
    with dynamics() as found:
        yield found


def people(number: int) -> list[Write]:
    return [contact(f"Durand{each:03}", email1=f"d{each}@contoso.com") for each in range(number)]


def test_a_record_is_opened_in_the_pages_of_dynamics_365(world: Dynamics) -> None:
    assert world.crm.page_of(CONTACT, "7") == f"{world.service.root}/main.aspx?etn=contact&id=7&pagetype=entityrecord"


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
    assert world.asked(lambda: world.crm.apply([replace(write, operation=Operation.DELETE) for write in writes])) == 3
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


# What is a duplicate


def checked(write: Write, run: int = RUN) -> Write:
    return replace(write, detect=True, run=run)


def test_d01_a_contact_that_meets_a_published_rule_is_held_with_its_candidates(world: Dynamics) -> None:
    known = world.organisation.add_contact(lastname="Aubert", emailaddress1="INFO@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    writes = [checked(contact("Durand", email1="info@contoso.com")), checked(contact("Colin", email1="c@contoso.com"))]
    expected = (Duplicate(kind=CONTACT, id=known, rule="Same e-mail"),)
    assert world.crm.duplicates(writes) == {id_of("Durand"): expected}
    first, second = world.crm.apply(writes)
    assert (first.outcome, first.duplicates) == (Outcome.DUPLICATE, expected)
    assert second.outcome is Outcome.DONE
    assert world.names() == ["Aubert", "Colin"]


def test_d02_what_a_person_saves_all_the_same_is_created(world: Dynamics) -> None:
    world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    assert one(world.crm, contact("Durand", email1="info@contoso.com")).outcome is Outcome.DONE


def test_d03_candidates_may_be_of_several_kinds(world: Dynamics) -> None:
    person = world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    firm = world.organisation.add_account(name="Contoso", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    world.organisation.add_rule("E-mail of an account", "emailaddress1", matching="account")
    receipt = one(world.crm, checked(contact("Durand", email1="info@contoso.com")))
    assert {(each.kind, each.id) for each in receipt.duplicates} == {(CONTACT, person), (ACCOUNT, firm)}


@pytest.mark.parametrize("off", ["the organisation", "the rule"])
def test_d04_nothing_is_held_while_detection_is_off_or_no_rule_is_published(world: Dynamics, off: str) -> None:
    world.organisation.add_contact(lastname="Aubert", emailaddress1="info@contoso.com")
    world.organisation.add_rule("Same e-mail", "emailaddress1", published=off != "the rule")
    world.organisation.detect(on=off != "the organisation")
    write = checked(contact("Durand", email1="info@contoso.com"))
    assert world.crm.detection().published(CONTACT) == ()
    assert world.crm.duplicates([write]) == {}
    assert one(world.crm, write).outcome is Outcome.DONE


def test_the_organisations_rules_are_told_and_not_set_from_here(world: Dynamics) -> None:
    last = ("mobilephone", 2, 6)
    identity = world.organisation.add_rule("Phone", last, "lastname", case_sensitive=True, exclude_inactive=False)
    conditions = (Condition(field="mobile_phone", sameness=Sameness.LAST, length=6), Condition(field="surname"))
    told = DuplicateRule(
        id=identity, name="Phone", conditions=conditions, exclude_inactive=False, case_sensitive=True, published=True
    )
    assert world.crm.detection().rules == (told,)
    acts: list[Callable[[], None]] = [
        lambda: world.crm.save_rule(told),
        lambda: world.crm.drop_rule(identity),
        lambda: world.crm.set_detection(on=False),
    ]
    for act in acts:
        with pytest.raises(Refused, match="not set from here"):
            act()


@pytest.mark.parametrize(
    "case",
    [
        ((("mobilephone", 2, 6),), {"mobile_phone": "0612 34 56"}, True),
        ((("mobilephone", 2, 6),), {"mobile_phone": "0612 34 57"}, False),
        ((("lastname", 1, 4),), {}, True),
        (("firstname", "lastname"), {"given_name": "zoé"}, True),
        (("firstname", "lastname"), {"given_name": "Chloé"}, False),
        (("jobtitle",), {}, False),
    ],
)
def test_what_is_foreseen_is_what_the_crm_holds(world: Dynamics, case: tuple[tuple[str, ...], dict[str, str], bool]) -> None:
    conditions, values, same = case
    world.organisation.add_contact(firstname="Zoé", lastname="Durand", mobilephone="+33 6 12 34 56")
    world.organisation.add_rule("Test", *conditions)
    write = checked(contact("Durand", None, **values))
    assert bool(world.crm.duplicates([write])) is same
    assert (one(world.crm, write).outcome is Outcome.DUPLICATE) is same


def test_what_the_same_run_has_made_is_no_duplicate(world: Dynamics) -> None:
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    some = [checked(contact(name, email1="info@contoso.com")) for name in ("Aubert", "Bernard", "Colin")]
    assert {receipt.outcome for receipt in world.crm.apply(some)} == {Outcome.DONE}
    late = one(world.crm, checked(contact("Durand", email1="info@contoso.com"), RUN + 1))
    assert [each.id for each in late.duplicates] == sorted(map(id_of, ("Aubert", "Bernard", "Colin")))


def test_trying_again_what_a_rule_would_hold_by_itself_says_already(world: Dynamics) -> None:
    world.organisation.add_rule("Same e-mail", "emailaddress1")
    write = checked(contact("Aubert", email1="a@contoso.com"))
    assert [one(world.crm, each).outcome for each in (write, replace(write, run=RUN + 1))] == [Outcome.DONE, Outcome.ALREADY]


def test_a_colleagues_record_of_the_same_moment_is_told_beside_ours(world: Dynamics) -> None:
    world.organisation.add_contact(lastname="Before", emailaddress1="old@contoso.com", overriddencreatedon="2020-01-01T00:00:00Z")
    since = seen(world.crm)[2]
    theirs = world.organisation.add_contact(lastname="Durand", emailaddress2="ZOE@contoso.com")
    firm = world.organisation.add_account(name="CONTOSO")
    writes = [contact("Durand", email1="zoe@contoso.com"), contact("Aubert", email1="old@contoso.com"), account("Contoso")]
    receipts = world.crm.apply([replace(write, since=since, run=RUN) for write in writes])
    assert [receipt.outcome for receipt in receipts] == [Outcome.DONE] * 3
    assert [receipt.duplicates for receipt in receipts] == [
        (Duplicate(kind=CONTACT, id=theirs),),
        (),
        (Duplicate(kind=ACCOUNT, id=firm),),
    ]


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
