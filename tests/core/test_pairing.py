"""Which mailbox may be brought into the CRM in whose name?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.core.pairing import TAKE_OVER, broken_by, require_same_address, require_unpaired
from carnet.errors import AddressMismatch, NeedsConsent
from carnet.model.account import CrmUser
from carnet.model.connection import Pairing
from carnet.model.reading import MailboxIdentity

USER = CrmUser(id="u1", name="Camille Roche", address="camille@contoso.com")
MAILBOX = MailboxIdentity(
    key="graph:m1", label="Camille", kind="graph", address="camille@contoso.com", aliases=("c.roche@contoso.com",)
)
PAIR = Pairing(mailbox="graph:m1", crm="crm", crm_user="u1", address="camille@contoso.com")


@pytest.mark.parametrize("address", ["camille@contoso.com", "Camille@Contoso.COM", " camille@contoso.com "])
def test_the_same_address_passes_whatever_its_capitals(address: str) -> None:
    require_same_address(replace(MAILBOX, address=address), USER)


def test_a_file_has_no_address_and_passes() -> None:
    require_same_address(MailboxIdentity(key="pst:1", label="file.pst", kind="pst"), replace(USER, address=""))


@pytest.mark.parametrize(
    ("mailbox", "user", "named"),
    [
        ("camille@contoso.com", "alix@contoso.com", ("camille@contoso.com", "alix@contoso.com")),  # P01
        ("camille@contoso.com", "c.roche@contoso.com", ("alias", "c.roche@contoso.com")),  # P02
        ("camille@contoso.com", "", ("camille@contoso.com", "Camille Roche")),  # P03
        ("", "camille@contoso.com", ("camille@contoso.com",)),
        ("camille@contoso.com", "camille@contoso.org", ("camille@contoso.com", "camille@contoso.org")),
    ],
)
def test_p01_p02_p03_other_addresses_are_refused_and_named(mailbox: str, user: str, named: tuple[str, ...]) -> None:
    with pytest.raises(AddressMismatch) as refused:
        require_same_address(replace(MAILBOX, address=mailbox), replace(USER, address=user))
    assert all(name in str(refused.value) for name in named)
    assert refused.value.hint


def test_p05_a_mailbox_has_one_user_and_a_user_one_mailbox() -> None:
    other_user, other_mailbox = replace(PAIR, crm_user="u2"), replace(PAIR, mailbox="graph:m2")
    elsewhere = replace(PAIR, crm="another", crm_user="u9")
    assert broken_by(PAIR, [PAIR, elsewhere]) == ()
    assert broken_by(PAIR, [other_user, elsewhere]) == (other_user,)
    assert broken_by(PAIR, [other_mailbox]) == (other_mailbox,)


def test_p05_taking_over_is_asked_for() -> None:
    taken = replace(PAIR, crm_user="u2", address="alix@contoso.com")
    with pytest.raises(NeedsConsent) as asked:
        require_unpaired(PAIR, [taken], take_over=False)
    assert asked.value.values["consent"] == TAKE_OVER
    assert "alix@contoso.com" in str(asked.value)
    assert require_unpaired(PAIR, [taken], take_over=True) == (taken,)
    assert require_unpaired(PAIR, [PAIR], take_over=False) == ()
