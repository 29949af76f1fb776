"""What was worked out of a reading is kept, and never shown once it is no longer so."""

from __future__ import annotations

from carnet.flows.group import Grouping, group, kept_as
from carnet.flows.seen import Sight, look
from carnet.model.choices import Choices
from carnet.model.group import Mode
from carnet.model.match import Confidence
from carnet.model.rule import Rule, RuleKind
from carnet.ports.store import Scope
from flows.rehearsal import ME, Rehearsal, card

ADA = card("Ada Lovelace", company="Contoso", email1="ada@contoso.com")
BOB = card("Bob Martin", company="Fabrikam", email1="bob@fabrikam.com")


def grouped(carnet: Rehearsal, reading: str, mode: Mode = Mode.COMPANY) -> Grouping:
    return group(carnet.world, user=ME.id, reading=reading, choices=Choices(mode=mode))


def seen(carnet: Rehearsal, reading: str) -> Sight:
    return look(carnet.world, user=ME.id, reading=reading)


def test_groups_are_worked_out_once_while_nothing_moves(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    first = grouped(carnet, reading)

    assert seen(carnet, reading).has(kept_as(Mode.COMPANY))
    assert grouped(carnet, reading) == first
    assert not seen(carnet, reading).has(kept_as(Mode.DOMAIN))


def test_a_contact_that_enters_the_crm_meanwhile_is_seen_at_once(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    assert grouped(carnet, reading).confidence == {}

    identity = carnet.contact("Ada Lovelace", email1="ada@contoso.com")
    assert grouped(carnet, reading).confidence == {ADA.id: Confidence.CERTAIN}

    carnet.edit(identity, email1="somebody@else.example", surname="Byron")
    assert grouped(carnet, reading).confidence.get(ADA.id) is not Confidence.CERTAIN


def test_a_link_that_is_made_or_removed_meanwhile_is_seen_at_once(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    grouped(carnet, reading)
    carnet.add([ADA])
    assert grouped(carnet, reading).confidence[ADA.id] is Confidence.LINKED

    scope = Scope(user=ME.id, mailbox=seen(carnet, reading).reading.identity.key, crm=carnet.world.crm.key)
    carnet.world.store.links.remove(scope, [ADA.id])

    assert grouped(carnet, reading).confidence[ADA.id] is Confidence.CERTAIN


def test_a_rule_makes_everything_be_worked_out_again(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    grouped(carnet, reading)
    before = seen(carnet, reading).stamp

    carnet.world.store.rules.save(ME.id, Rule(id="r", kind=RuleKind.VARIANTS, members=("contoso", "fabrikam"), name="Contoso"))

    assert seen(carnet, reading).stamp != before
    assert not seen(carnet, reading).has(kept_as(Mode.COMPANY))


def test_other_folders_are_other_groups(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    whole = grouped(carnet, reading)

    none = group(carnet.world, user=ME.id, reading=reading, choices=Choices(folders=frozenset()))

    assert (whole.contacts, none.contacts) == (2, 0)
    assert grouped(carnet, reading) == whole


def test_what_is_kept_goes_with_the_records_it_came_from(carnet: Rehearsal) -> None:
    reading = carnet.read([ADA, BOB]).id
    sight = seen(carnet, reading)
    grouped(carnet, reading)

    carnet.world.store.readings.drop(ME.id, reading, keep=[ADA.id])

    assert not sight.has(kept_as(Mode.COMPANY))
    assert grouped(carnet, reading).contacts == 1


def test_what_hangs_on_more_is_kept_for_that_alone(carnet: Rehearsal) -> None:
    sight = seen(carnet, carnet.read([ADA]).id)
    computed: list[str] = []

    def ask(name: str) -> str:
        def work() -> str:
            computed.append(name)
            return name

        return sight.kept("name", str, work, hangs_on=name)

    asked = [ask(name) for name in ("a", "a", "b", "a")]

    assert asked == ["a", "a", "b", "a"]
    assert computed == ["a", "b", "a"]
