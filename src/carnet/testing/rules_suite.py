"""Does a store keep the promises of remembered answers: until dropped, and each to its own user?

For authors of stores: subclass `RulesSuite` in a test module, and give it a pytest fixture `store`, an empty store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from carnet.errors import NotFound
from carnet.model.rule import Rule, RuleKind
from carnet.ports.store import Store
from carnet.testing.journal_suite import raises

MADE = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
VARIANTS = Rule(
    id="r-2",
    kind=RuleKind.VARIANTS,
    members=("contoso", "contoso ltd"),
    name="Contoso Limited",
    account="account-1",
    labels={"contoso": "Contoso", "contoso ltd": "Contoso Ltd"},
    made_at=MADE,
)
APART = Rule(id="r-1", kind=RuleKind.APART, members=("ibm france", "ibm deutschland"), made_at=MADE.replace(hour=9))


class RulesSuite:
    """The promises of `carnet.ports.store.Rules`, one test each."""

    def test_a_rule_comes_back_as_it_was_saved(self, store: Store) -> None:
        """Saving again replaces it."""
        assert store.rules.all("camille") == ()
        for saved in (replace(VARIANTS, name="", labels={}), VARIANTS):
            store.rules.save("camille", saved)
            assert store.rules.all("camille") == (saved,)

    def test_rules_come_the_oldest_first(self, store: Store) -> None:
        """Whatever the order in which they were saved."""
        for rule in (APART, VARIANTS):
            store.rules.save("camille", rule)
        assert store.rules.all("camille") == (VARIANTS, APART)

    def test_a_rule_without_a_moment_is_made_now(self, store: Store) -> None:
        """And keeps that moment."""
        store.rules.save("camille", replace(APART, made_at=None))
        (kept,) = store.rules.all("camille")
        assert kept.made_at is not None
        assert kept.made_at.tzinfo is not None
        assert store.rules.all("camille") == (kept,)

    def test_rules_of_one_user_say_nothing_to_another(self, store: Store) -> None:
        """Nor can another drop them."""
        store.rules.save("camille", VARIANTS)
        assert store.rules.all("alex") == ()
        assert raises(NotFound, lambda: store.rules.delete("alex", VARIANTS.id))
        assert store.rules.all("camille") == (VARIANTS,)

    def test_a_dropped_rule_is_gone(self, store: Store) -> None:
        """The others stay; what is gone cannot be dropped again."""
        for rule in (VARIANTS, APART):
            store.rules.save("camille", rule)
        store.rules.delete("camille", APART.id)
        assert store.rules.all("camille") == (VARIANTS,)
        assert raises(NotFound, lambda: store.rules.delete("camille", APART.id))
