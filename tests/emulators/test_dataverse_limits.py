"""Does the emulator ask for privileges, and for patience, as Dataverse does, fact by fact?"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from carnet.errors import NotSignedIn, Throttled
from carnet.testing.emulators.dataverse import DataverseEmulator
from carnet.testing.emulators.dataverse_organisation import everything
from carnet.testing.emulators.faults import Asked, Fault, Trouble
from carnet.testing.emulators.server import asked_of
from carnet.transport.client import Client
from carnet.transport.gate import Gate
from emulators.dataverse_talk import bulk, code, get, names, rows, send
from gates.fixtures import client_of

WRITES = {
    "prvCreateContact": ("POST", "contacts", {"lastname": "X"}),
    "prvWriteContact": ("PATCH", "contacts({id})", {"jobtitle": "X"}),
    "prvDeleteContact": ("DELETE", "contacts({id})", None),
    "prvReadContact": ("GET", "contacts", None),
    "prvAppendContact": ("PATCH", "contacts({id})", {"parentcustomerid_account@odata.bind": "/accounts({account})"}),
    "prvAppendToAccount": ("PATCH", "contacts({id})", {"parentcustomerid_account@odata.bind": "/accounts({account})"}),
    "prvCreateAccount": ("POST", "accounts", {"name": "X"}),
}


@pytest.fixture
def hugo(dataverse: DataverseEmulator) -> Iterator[Client]:
    client = client_of(dataverse, user="hugo@contoso.com")
    yield client
    client.close()


def user_of(dataverse: DataverseEmulator, address: str) -> str:
    return next(each.id for each in dataverse.organisation.users.values() if each.address == address)


@pytest.mark.parametrize("privilege", WRITES)
def test_a_missing_privilege_is_named(dataverse: DataverseEmulator, hugo: Client, privilege: str) -> None:
    user = dataverse.organisation.users[user_of(dataverse, "hugo@contoso.com")]
    contact, account = rows(hugo)[0]["contactid"], rows(hugo, "accounts")[0]["accountid"]
    method, url, body = WRITES[privilege]
    sent = {name: value.replace("{account}", account) for name, value in body.items()} if body else None
    del user.privileges[privilege]
    answer = send(hugo, method, url.replace("{id}", contact), sent)
    assert code(answer) == (403, "0x80040220")
    assert f"is missing {privilege} privilege" in answer.json()["error"]["message"]


def test_privileges_are_told_with_how_far_they_reach(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_user("alix@contoso.com", privileges={"prvReadContact": "Basic", "prvWriteContact": "Global"})
    told = get(crm, f"systemusers({user_of(dataverse, 'alix@contoso.com')})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges")
    depths = {each["PrivilegeName"]: each["Depth"] for each in told.json()["RolePrivileges"]}
    assert depths == {"prvReadContact": "Basic", "prvWriteContact": "Global"}


def test_a_privilege_may_reach_ones_own_rows_alone(dataverse: DataverseEmulator, crm: Client) -> None:
    dataverse.organisation.add_user("alix@contoso.com", privileges=everything("Basic"))
    client = client_of(dataverse, user="alix@contoso.com")
    assert names(client) == []
    other = rows(crm)[0]["contactid"]
    assert code(get(client, f"contacts({other})")) == (403, "0x80040220")
    assert code(bulk(client, "UpdateMultiple", {"contactid": other, "jobtitle": "X"})) == (403, "0x80040220")
    send(client, "POST", "contacts", {"lastname": "Own"})
    assert names(client) == ["Own"]
    client.close()


def test_a_role_of_system_administrator_is_known_by_its_template(crm: Client, hugo: Client) -> None:
    templates = []
    for client in (crm, hugo):
        me = get(client, "WhoAmI").json()["UserId"]
        asked = f"systemusers({me})/systemuserroles_association?$select=name,_roletemplateid_value"
        templates += [row["_roletemplateid_value"] for row in get(client, asked).json()["value"]]
    assert templates == ["627090ff-40a3-4053-8790-584edc5be201", None]


def test_acting_for_somebody_else_needs_a_privilege(dataverse: DataverseEmulator, crm: Client) -> None:
    hugo = user_of(dataverse, "hugo@contoso.com")
    caller = str(dataverse.organisation.rows["systemuser"][hugo].values["azureactivedirectoryobjectid"])
    assert get(crm, "WhoAmI", CallerObjectId=caller).status == 403
    dataverse.organisation.first.privileges["prvActOnBehalfOfAnotherUser"] = "Global"
    assert get(crm, "WhoAmI", CallerObjectId=caller).json()["UserId"] == hugo
    assert get(crm, "WhoAmI", MSCRMCallerID=hugo).json()["UserId"] == hugo


def test_users_are_read_and_not_written(dataverse: DataverseEmulator, crm: Client) -> None:
    told = get(crm, "systemusers?$select=internalemailaddress&$filter=isdisabled eq false").json()["value"]
    assert {row["internalemailaddress"] for row in told} == {"camille@contoso.com", "hugo@contoso.com"}
    assert send(crm, "PATCH", f"systemusers({user_of(dataverse, 'hugo@contoso.com')})", {"fullname": "X"}).status == 405


def test_somebody_unknown_is_asked_to_sign_in(dataverse: DataverseEmulator) -> None:
    client = client_of(dataverse, user="")
    with pytest.raises(NotSignedIn):
        get(client, "WhoAmI")
    client.close()


def ask(dataverse: DataverseEmulator, user: str = "camille@contoso.com", **headers: str) -> tuple[int, str, str]:
    asked = asked_of("GET", "/api/data/v9.2/WhoAmI", headers=headers, body=b"", user=user)
    said = dataverse.answer(asked)
    return said.status, said.headers.get("Retry-After", ""), said.body.decode()


def test_a_user_may_send_so_many_requests_in_five_minutes(dataverse: DataverseEmulator) -> None:
    assert dataverse.requests_a_window == 6000
    now = [1000.0]
    dataverse.ticks = lambda: now[0]
    dataverse.requests_a_window = 3
    assert [ask(dataverse)[0] for _ in range(3)] == [200, 200, 200]
    now[0] += 100
    status, wait, body = ask(dataverse)
    assert (status, wait, "0x80072322" in body) == (429, "200", True)
    assert ask(dataverse, "hugo@contoso.com")[0] == 200
    now[0] += 200
    assert ask(dataverse)[0] == 200


def test_what_is_left_is_told(crm: Client) -> None:
    left = [get(crm, "WhoAmI").headers for _ in range(2)]
    assert [each["x-ms-ratelimit-burst-remaining-xrm-requests"] for each in left] == ["5999", "5998"]
    assert all(1199 < float(each["x-ms-ratelimit-time-remaining-xrm-requests"]) <= 1200 for each in left)


def test_requests_may_take_so_long_in_five_minutes(dataverse: DataverseEmulator) -> None:
    assert dataverse.seconds_a_window == 1200
    dataverse.latency, dataverse.seconds_a_window = 1.0, 2.5
    answers = [ask(dataverse) for _ in range(4)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    assert "0x80072321" in answers[-1][2]


def test_so_many_requests_may_be_in_flight(dataverse: DataverseEmulator, crm: Client) -> None:
    assert dataverse.in_flight == 52
    dataverse.in_flight = 1
    within, done = threading.Event(), threading.Event()

    def wait(_: Asked) -> bool:
        within.set()
        done.wait(5)
        return False

    dataverse.faults.add(Fault(trouble=Trouble.REORDERED_ROWS, when=wait))
    other = threading.Thread(target=lambda: get(crm, "contacts?$top=2"))
    other.start()
    within.wait(5)
    status, wait_for, body = ask(dataverse)
    done.set()
    other.join()
    assert (status, wait_for, "0x80072326" in body) == (429, "1", True)
    assert ask(dataverse)[0] == 200


def test_a_client_that_keeps_the_cookie_stays_with_one_server(dataverse: DataverseEmulator) -> None:
    dataverse.servers, dataverse.requests_a_window = 2, 3
    assert [ask(dataverse)[0] for _ in range(6)] == [200] * 6
    assert ask(dataverse)[0] == 429
    dataverse.requests_a_window = 6
    assert [ask(dataverse, cookie="ARRAffinity=1")[0] for _ in range(6)].count(429) > 1


def test_a_throttled_request_closes_the_gate_for_as_long_as_it_says(dataverse: DataverseEmulator) -> None:
    headers = {"Retry-After": "7"}
    body = b'{"error":{"code":"0x80072322","message":"Too many."}}'
    dataverse.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers=headers, body=body))
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    client = client_of(dataverse, gate=Gate(clock=lambda: now[0], sleep=sleep))
    assert get(client, "WhoAmI").status == 200
    assert now[0] == 7
    client.close()


def test_a_wait_that_is_too_long_is_told(dataverse: DataverseEmulator) -> None:
    dataverse.faults.add(Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "900"}))
    client = client_of(dataverse)
    with pytest.raises(Throttled):
        get(client, "WhoAmI")
    client.close()


def test_rows_may_come_twice_and_in_another_order(dataverse: DataverseEmulator, crm: Client) -> None:
    before = [row["contactid"] for row in rows(crm)]
    dataverse.faults.add(Fault(trouble=Trouble.DUPLICATE_ROWS), Fault(trouble=Trouble.REORDERED_ROWS))
    assert [row["contactid"] for row in rows(crm)] == [before[-1], *before[::-1]]
