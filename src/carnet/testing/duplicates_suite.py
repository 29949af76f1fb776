"""Does a CRM adapter keep the promises of `carnet.ports.crm` about duplicates?

For authors of adapters: subclass `DuplicatesSuite` as `CrmSuite` is subclassed, with the same fixture `crm`. A promise is
skipped only by a declared capability.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import SkipTest

from carnet.errors import NotFound, Refused
from carnet.model.change import Duplicate, Operation, Outcome, Receipt, Write
from carnet.model.duplicate_rule import MOST_PUBLISHED, Condition, DuplicateRule, Sameness
from carnet.ports.crm import Crm
from carnet.testing.crm_suite import ACCOUNT, CONTACT, account, contact, held, id_of, one, seen, update

MINE, THEIRS = 11, 22


def rule(*fields: str, **more: object) -> DuplicateRule:
    """A published rule that compares those fields as a whole."""
    conditions = tuple(Condition(field=field) for field in fields)
    given: dict[str, Any] = {"id": "test", "name": "Test", "published": True, "conditions": conditions, **more}
    return DuplicateRule(**given)


def only(crm: Crm, *rules: DuplicateRule) -> None:
    """Go by these rules alone."""
    if not (crm.capabilities.detects_duplicates and crm.capabilities.sets_duplicate_rules):
        raise SkipTest("the duplicate rules of this CRM cannot be set from here")
    for each in crm.detection().rules:
        crm.drop_rule(each.id)
    for each in rules:
        crm.save_rule(each)
    crm.set_detection(on=True)


def checked(write: Write, run: int = MINE) -> Write:
    """The write of a run that looks for duplicates."""
    return replace(write, detect=True, run=run)


def taken_for(receipt: Receipt) -> list[str]:
    """The ids that a create was taken for; none where it was written."""
    assert (receipt.outcome is Outcome.DUPLICATE) == bool(receipt.duplicates)
    return [each.id for each in receipt.duplicates]


class DuplicatesSuite:
    """The promises of the port, one test each."""

    def test_a_new_crm_holds_a_contact_with_an_address_it_has(self, crm: Crm) -> None:
        """One rule is published from the beginning; whichever of the addresses it is, and however it is written."""
        only(crm, *crm.detection().rules)
        one(crm, contact("Aubert", email2="info@contoso.com"))
        receipt = one(crm, checked(contact("Durand", email1="INFO@contoso.com")))
        assert receipt.outcome is Outcome.DUPLICATE
        assert receipt.duplicates == (Duplicate(kind=CONTACT, id=id_of("Aubert"), rule="Contacts with the same e-mail address"),)
        assert crm.get(CONTACT, [id_of("Durand")]) == {}

    def test_a_write_that_does_not_ask_for_it_is_not_checked(self, crm: Crm) -> None:
        """This is how a person saves a duplicate all the same."""
        only(crm, rule("surname"))
        one(crm, contact("Durand"))
        again = replace(contact("Durand"), id=id_of("other"), run=MINE)
        assert taken_for(one(crm, replace(again, detect=True))) == [id_of("Durand")]
        assert one(crm, again).outcome is Outcome.DONE

    def test_a_rule_that_is_not_published_holds_nothing(self, crm: Crm) -> None:
        """Nor does any while detection is off, nor the rule of another kind of record."""
        only(crm, rule("email1", published=False), rule("email1", id="accounts", base=ACCOUNT, matching=ACCOUNT))
        one(crm, contact("Aubert", email1="info@contoso.com"))
        assert one(crm, checked(contact("Bernard", email1="info@contoso.com"))).outcome is Outcome.DONE
        crm.save_rule(rule("email1"))
        crm.set_detection(on=False)
        assert not crm.detection().on
        assert one(crm, checked(contact("Colin", email1="info@contoso.com"), THEIRS)).outcome is Outcome.DONE
        crm.set_detection(on=True)
        names = sorted(map(id_of, ("Aubert", "Bernard", "Colin")))
        assert taken_for(one(crm, checked(contact("Durand", email1="info@contoso.com"), 33))) == names

    def test_all_conditions_of_a_rule_must_hold(self, crm: Crm) -> None:
        """First name and last name."""
        only(crm, rule("given_name", "surname"))
        one(crm, contact("Durand", given_name="Zoé"))
        assert taken_for(one(crm, checked(_named("Durand", "Chloé")))) == []
        assert taken_for(one(crm, checked(_named("Durand", "zoé"), THEIRS))) == [id_of("Durand")]

    def test_the_first_or_last_characters_can_be_compared(self, crm: Crm) -> None:
        """As many as the condition says."""
        first = Condition(field="surname", sameness=Sameness.FIRST, length=4)
        last = Condition(field="mobile_phone", sameness=Sameness.LAST, length=6)
        only(crm, rule(conditions=(first, last)))
        one(crm, contact("Durand", mobile_phone="+33 6 12 34 56"))
        assert taken_for(one(crm, checked(contact("Durant", mobile_phone="0612 34 56")))) == [id_of("Durand")]
        assert one(crm, checked(contact("Durou", mobile_phone="0612 34 57"))).outcome is Outcome.DONE

    def test_letters_case_counts_where_the_rule_says_so(self, crm: Crm) -> None:
        """D07: the option changes the result."""
        only(crm, rule("surname", case_sensitive=True))
        one(crm, contact("Durand"))
        assert one(crm, checked(contact("DURAND"))).outcome is Outcome.DONE
        crm.save_rule(rule("surname"))
        assert taken_for(one(crm, checked(contact("durand"), THEIRS))) == sorted([id_of("Durand"), id_of("DURAND")])

    def test_inactive_records_count_where_the_rule_says_so(self, crm: Crm) -> None:
        """D07: the option changes the result."""
        only(crm, rule("email1", exclude_inactive=True))
        one(crm, contact("Aubert", email1="a@contoso.com", active="0"))
        assert one(crm, checked(contact("Bernard", email1="a@contoso.com"))).outcome is Outcome.DONE
        crm.save_rule(rule("email1", exclude_inactive=False))
        both = sorted(map(id_of, ("Aubert", "Bernard")))
        assert taken_for(one(crm, checked(contact("Colin", email1="a@contoso.com"), THEIRS))) == both

    def test_a_rule_with_one_condition_ignores_blanks(self, crm: Crm) -> None:
        """D06: even where it says that it does not."""
        only(crm, rule("email1", ignore_blanks=False))
        one(crm, contact("Aubert"))
        assert one(crm, checked(contact("Bernard"))).outcome is Outcome.DONE

    def test_blanks_agree_where_the_rule_says_so(self, crm: Crm) -> None:
        """With several conditions: two people of one name without a first name."""
        only(crm, rule("given_name", "surname", ignore_blanks=False))
        one(crm, contact("Durand"))
        again = replace(contact("Durand"), id=id_of("other"))
        assert taken_for(one(crm, checked(again))) == [id_of("Durand")]
        crm.save_rule(rule("given_name", "surname", ignore_blanks=True))
        assert one(crm, checked(again)).outcome is Outcome.DONE

    def test_a_contact_can_be_taken_for_an_account(self, crm: Crm) -> None:
        """D03: candidates may be of several kinds."""
        only(crm, rule("email1"), rule("email1", id="account", matching=ACCOUNT))
        crm.apply([account("Contoso", email1="info@contoso.com"), contact("Aubert", email1="info@contoso.com")])
        receipt = one(crm, checked(contact("Durand", email1="info@contoso.com")))
        assert {(each.kind, each.id) for each in receipt.duplicates} == {(ACCOUNT, id_of("Contoso")), (CONTACT, id_of("Aubert"))}

    def test_a_rule_follows_what_changes(self, crm: Crm) -> None:
        """A record is compared as it is now; one that is gone is not."""
        only(crm, rule("email1"))
        crm.apply([contact("Aubert", email1="a@contoso.com"), contact("Bernard")])
        crm.apply([update("Aubert", email1=None), update("Bernard", email1="b@contoso.com")])
        assert one(crm, checked(contact("Colin", email1="a@contoso.com"))).outcome is Outcome.DONE
        assert taken_for(one(crm, checked(contact("Durand", email1="b@contoso.com")))) == [id_of("Bernard")]
        crm.apply([Write(operation=Operation.DELETE, kind=CONTACT, id=id_of("Bernard"))])
        assert one(crm, checked(contact("Durand", email1="b@contoso.com"))).outcome is Outcome.DONE

    def test_an_update_is_never_held(self, crm: Crm) -> None:
        """D08: neither is a change of state."""
        only(crm, rule("email1"))
        crm.apply([contact("Aubert", email1="a@contoso.com"), contact("Bernard", active="0")])
        writes = [replace(update("Bernard", **values), detect=True) for values in ({"active": "1"}, {"email1": "a@contoso.com"})]
        assert [receipt.outcome for receipt in crm.apply(writes)] == [Outcome.DONE, Outcome.DONE]

    def test_what_the_same_run_has_created_is_no_duplicate(self, crm: Crm) -> None:
        """A run compares its cards with one another before it writes; other runs, and writes of none, are held."""
        only(crm, rule("email1"))
        names = ("Aubert", "Bernard", "Colin")
        some = [checked(contact(name, email1="info@contoso.com")) for name in names]
        assert {receipt.outcome for receipt in crm.apply(some)} == {Outcome.DONE}
        late = one(crm, checked(contact("Durand", email1="info@contoso.com"), THEIRS))
        assert taken_for(late) == sorted(map(id_of, names))
        loose = [replace(contact(name, email1="x@contoso.com"), detect=True) for name in ("Xu", "Yu")]
        assert [receipt.outcome for receipt in crm.apply(loose)] == [Outcome.DONE, Outcome.DUPLICATE]

    def test_trying_a_create_again_says_already(self, crm: Crm) -> None:
        """A lost answer is no duplicate."""
        only(crm, rule("email1"))
        one(crm, contact("Aubert", email1="a@contoso.com"))
        write = replace(contact("Aubert", email1="a@contoso.com"), detect=True, since="0", run=THEIRS)
        assert one(crm, write).outcome is Outcome.ALREADY

    def test_what_would_be_held_is_told_beforehand(self, crm: Crm) -> None:
        """Nothing is written."""
        only(crm, rule("email1"))
        one(crm, contact("Aubert", email1="a@contoso.com"))
        writes = [checked(contact(name, email1=f"{name[0].lower()}@contoso.com")) for name in ("Alba", "Bernard")]
        found = crm.duplicates(writes)
        assert {id_: [each.id for each in some] for id_, some in found.items()} == {id_of("Alba"): [id_of("Aubert")]}
        assert crm.search(CONTACT, "")[1] == 1

    def test_at_most_five_rules_are_published_for_one_kind(self, crm: Crm) -> None:
        """D05: the sixth is refused and stays as it was; another kind has five of its own."""
        only(crm, *(rule("surname", id=str(number)) for number in range(MOST_PUBLISHED)))
        assert _refused(lambda: crm.save_rule(rule("surname", id="more"))) is Refused
        assert len(crm.detection().rules) == MOST_PUBLISHED
        crm.save_rule(rule("surname", id="more", published=False))
        crm.save_rule(rule("name", id="account", base=ACCOUNT, matching=ACCOUNT))
        crm.save_rule(rule("nickname", id="0"))

    def test_a_rule_is_kept_as_it_was_given(self, crm: Crm) -> None:
        """Until it is dropped."""
        last = Condition(field="mobile_phone", sameness=Sameness.LAST, length=6)
        given = rule(conditions=(Condition(field="surname"), last), case_sensitive=True, exclude_inactive=False)
        only(crm, given)
        assert crm.detection().rules == (given,)
        crm.drop_rule(given.id)
        assert crm.detection().rules == ()
        assert _refused(lambda: crm.drop_rule(given.id)) is NotFound

    def test_a_rule_that_compares_nothing_is_refused(self, crm: Crm) -> None:
        """Without a name, a field that both kinds have, or a length."""
        only(crm)
        last = Condition(field="surname", sameness=Sameness.LAST)
        wrong = [
            rule(),
            rule("surname", name=" "),
            rule("shoe_size"),
            rule("surname", matching=ACCOUNT),
            rule(conditions=(last,)),
        ]
        assert [_refused(partial(crm.save_rule, each)) for each in wrong] == [Refused] * len(wrong)
        assert crm.detection().rules == ()

    def test_what_another_run_created_meanwhile_is_a_duplicate(self, crm: Crm) -> None:
        """By its e-mail, without any rule; what was there when the writer looked is none."""
        _require_guard(crm)
        one(crm, contact("Aubert", email1="info@contoso.com"))
        since = seen(crm)[2]
        one(crm, replace(contact("Bernard", email2="Zoe@contoso.com"), run=THEIRS))
        late = [contact("Colin", email1="zoe@contoso.com"), contact("Durand", email1="info@contoso.com")]
        first, second = crm.apply([replace(write, run=MINE, since=since) for write in late])
        assert first.duplicates == (Duplicate(kind=CONTACT, id=id_of("Bernard")),)
        assert second.outcome is Outcome.DONE

    def test_what_the_run_itself_created_since_is_none(self, crm: Crm) -> None:
        """Nor is what was there before and has been edited since."""
        _require_guard(crm)
        one(crm, contact("Aubert", email1="info@contoso.com"))
        since = seen(crm)[2]
        one(crm, update("Aubert", job_title="CEO"))
        writes = [replace(contact(name, email1="info@contoso.com"), run=MINE, since=since) for name in ("Bernard", "Colin")]
        assert [one(crm, write).outcome for write in writes] == [Outcome.DONE, Outcome.DONE]

    def test_people_without_an_address_are_told_by_name_with_phone_or_parent(self, crm: Crm) -> None:
        """A name alone, or another address beside it, tells nothing."""
        _require_guard(crm)
        since = seen(crm)[2]
        one(crm, replace(contact("Durand", mobile_phone="+33 6 12 34 56 78", email1="d@contoso.com"), run=THEIRS))
        same = replace(contact("durand", mobile_phone="+33612345678"), id=id_of("1"), run=MINE, since=since)
        assert taken_for(one(crm, same)) == [id_of("Durand")]
        for number, more in enumerate(({}, {"mobile_phone": "+33 6 12 34 56 78", "email1": "durand@fabrikam.com"}), start=2):
            other = replace(contact("Durand", None, **more), id=id_of(str(number)), run=MINE, since=since)
            assert one(crm, other).outcome is Outcome.DONE

    def test_two_runs_that_create_one_account_make_one(self, crm: Crm) -> None:
        """By its name, however it is written."""
        _require_guard(crm)
        since = seen(crm)[2]
        one(crm, replace(account("Contoso"), run=THEIRS))
        assert taken_for(one(crm, replace(account("CONTOSO"), run=MINE, since=since))) == [id_of("Contoso")]
        assert crm.search(ACCOUNT, "")[1] == 1

    def test_of_two_doors_that_create_one_person_at_once_one_is_told(self, crm: Crm) -> None:
        """Whichever comes first."""
        _require_guard(crm)
        since = seen(crm)[2]
        writes = [
            replace(contact(f"Durand{run}", email1="zoe@contoso.com"), run=run, since=since) for run in range(MINE, MINE + 8)
        ]
        with ThreadPoolExecutor(max_workers=4) as doors:
            receipts = list(doors.map(lambda write: one(crm, write), writes))
        assert sorted(receipt.outcome for receipt in receipts) == [Outcome.DONE, *[Outcome.DUPLICATE] * 7]
        (made,) = crm.search(CONTACT, "")[0]
        assert {id_ for receipt in receipts for id_ in taken_for(receipt)} == {made.id}

    def test_everybody_who_can_own_a_record_has_a_name(self, crm: Crm) -> None:
        """The user is one of them."""
        one(crm, contact("Durand"))
        assert {user.id: user.name for user in crm.users()}[held(crm, "Durand").owner] == crm.whoami().name


def _refused(call: Callable[[], object]) -> type[Refused] | None:
    try:
        call()
    except Refused as error:
        return type(error)
    return None


def _named(surname: str, given_name: str) -> Write:
    return replace(contact(surname, given_name=given_name), id=id_of(f"{given_name} {surname}"))


def _require_guard(crm: Crm, rules: Sequence[DuplicateRule] = ()) -> None:
    if not crm.capabilities.guards_creates:
        raise SkipTest("this CRM does not refuse what was created meanwhile")
    only(crm, *rules)
