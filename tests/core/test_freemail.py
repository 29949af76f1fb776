"""Is the list of mail providers well formed?"""

from __future__ import annotations

import pytest

from carnet.core.freemail import COMPANIES, DOMAINS, FAMILIES
from carnet.core.normalise import is_free_mail, registrable_domain


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_each_domain_of_the_list_is_recognised_as_it_stands(domain: str) -> None:
    assert registrable_domain(domain) == domain
    assert is_free_mail(domain)
    assert is_free_mail(f"mail.{domain}")


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_family_holds_in_any_country_and_only_as_the_whole_name(family: str) -> None:
    assert is_free_mail(f"{family}.com.ar")
    assert not is_free_mail(f"{family}.contoso.com")
    assert not is_free_mail(f"my{family}.com")


@pytest.mark.parametrize("domain", sorted(COMPANIES))
def test_a_company_that_shares_a_family_name_is_no_provider(domain: str) -> None:
    assert not is_free_mail(domain)


def test_no_domain_of_the_list_stands_in_a_family_as_well() -> None:
    assert not {domain for domain in DOMAINS if domain.partition(".")[0] in FAMILIES}
