"""Is no more asked for than a feature needs?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from carnet.core.consenting import FEATURES, SCOPES, Feature, scopes_for, wanted, whole
from carnet.model.connection import Connection, Service

GRAPH = "https://graph.microsoft.com/v1.0"
CRM = "https://contoso.crm4.dynamics.com/api/data/v9.2"


def test_contacts_are_read_with_two_rights() -> None:
    assert scopes_for(Service.GRAPH, GRAPH, FEATURES[Service.GRAPH]) == ("User.Read", "Contacts.Read")


def test_the_crm_is_entered_in_the_persons_own_rights() -> None:
    found = scopes_for(Service.DATAVERSE, CRM, FEATURES[Service.DATAVERSE])
    assert found == ("https://contoso.crm4.dynamics.com/user_impersonation",)


def test_an_organisation_asks_for_what_its_administrator_has_given() -> None:
    assert whole(CRM) == ("https://contoso.crm4.dynamics.com/.default",)


@pytest.mark.parametrize("service", [Service.GRAPH, Service.DATAVERSE])
def test_without_a_feature_nothing_is_asked_for(service: Service) -> None:
    assert scopes_for(service, CRM, ()) == ()


def test_every_right_has_a_feature_and_a_reason_and_none_writes_to_a_mailbox() -> None:
    assert {each.feature for each in SCOPES} == set(Feature)
    assert all(each.why for each in SCOPES)
    assert len({each.name for each in SCOPES}) == len(SCOPES)
    of_mailbox = [each.name for each in SCOPES if each.service is Service.GRAPH]
    assert not [name for name in of_mailbox if "Write" in name or "All" in name]


def test_what_others_share_is_asked_for_only_where_somebody_is_named() -> None:
    mine = Connection(id="c", user="u", service=Service.GRAPH, label="", url=GRAPH)
    assert scopes_for(Service.GRAPH, GRAPH, wanted(mine)) == ("User.Read", "Contacts.Read")
    named = replace(mine, shared=("lou@contoso.com",))
    assert scopes_for(Service.GRAPH, GRAPH, wanted(named)) == ("User.Read", "Contacts.Read", "Contacts.Read.Shared")
    exchange = replace(named, service=Service.EWS)
    assert scopes_for(Service.EWS, GRAPH, wanted(exchange)) == ()
