"""Does an emulator keep connections alive, keep count, go wrong on demand and close cleanly?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from carnet.testing.emulators.faults import Asked, Fault, Said, Trouble
from carnet.testing.emulators.server import Emulator, Exchange, asked_of, said_json

BEARER = {"Authorization": "Bearer t"}


class Echo(Emulator):
    def answer(self, asked: Asked) -> Said:
        if asked.path == "/stumble":
            raise LookupError(asked.path)
        return said_json(200, {"path": asked.path, "query": asked.query, "body": asked.body.decode(), "user": asked.user})


def asked(path: str, *, part: bool = False) -> Asked:
    return asked_of("GET", path, headers={}, body=b"", user="t", part=part)


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as emulator:
        yield emulator


def connected(emulator: Emulator, timeout: float = 30) -> HTTPConnection:
    return HTTPConnection(urlsplit(emulator.root).netloc, timeout=timeout)


def test_many_requests_go_over_one_connection(echo: Echo) -> None:
    connection = connected(echo)
    ports = set()
    for method in ("GET", "POST", "PATCH", "DELETE", "GET"):
        connection.request(method, "/a%20b?$top=5", body=b"x", headers=BEARER)
        ports.add(connection.sock.getsockname())
        answer = connection.getresponse()
        assert json.loads(answer.read()) == {"path": "/a b", "query": {"$top": "5"}, "body": "x", "user": "t"}
    connection.close()
    assert len(ports) == 1
    assert echo.requests == len(echo.log) == 5


def test_a_body_in_chunks_is_read_whole(echo: Echo) -> None:
    connection = connected(echo)
    headers = {**BEARER, "Transfer-Encoding": "chunked"}
    for _ in range(2):
        connection.request("POST", "/", body=iter([b"one", b"two"]), encode_chunked=True, headers=headers)
        assert json.loads(connection.getresponse().read())["body"] == "onetwo"
    connection.close()


def test_an_emulator_closes_though_a_client_keeps_its_connection_and_another_waits() -> None:
    before = threading.active_count()
    with Echo() as emulator:
        emulator.faults.add(Fault(trouble=Trouble.DELAY, when=lambda each: each.path == "/late", seconds=600))
        kept, waiting = connected(emulator), connected(emulator, timeout=0.2)
        kept.request("GET", "/", headers=BEARER)
        kept.getresponse().read()
        waiting.request("GET", "/late", headers=BEARER)
        with pytest.raises(TimeoutError):
            waiting.getresponse()
    assert threading.active_count() == before
    kept.close()
    waiting.close()


def test_a_refusal_on_demand_strikes_the_chosen_requests_alone(echo: Echo) -> None:
    fault = Fault(trouble=Trouble.STATUS, status=429, headers={"Retry-After": "7"}, when=lambda each: each.path == "/b", times=2)
    echo.faults.add(fault)
    said = [echo.serve(asked(path)) for path in ("/a", "/b", "/b", "/b")]
    assert [each.status for each in said if each] == [200, 429, 429, 200]
    assert said[1] is not None
    assert said[1].headers["Retry-After"] == "7"
    assert echo.faults.left == 0


@pytest.mark.parametrize(("trouble", "acted"), [(Trouble.HANG_UP, 0), (Trouble.HANG_UP_AFTER, 1)])
def test_a_connection_is_cut_before_or_after_the_service_acted(echo: Echo, trouble: Trouble, acted: int) -> None:
    echo.faults.add(Fault(trouble=trouble))
    connection = connected(echo)
    connection.request("POST", "/", headers=BEARER)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
    assert (echo.requests, len(echo.log)) == (1, acted)


@pytest.mark.parametrize(("trouble", "acted"), [(Trouble.HANG_UP, 0), (Trouble.HANG_UP_AFTER, 1)])
def test_a_part_of_a_batch_times_out_before_or_after_the_service_acted(echo: Echo, trouble: Trouble, acted: int) -> None:
    echo.faults.add(Fault(trouble=trouble, when=lambda each: each.part))
    assert echo.serve_part(asked("/", part=True), echo.answer).status == 504
    assert len(echo.log) == acted


def test_a_part_of_a_batch_is_refused_where_a_fault_picks_it(echo: Echo) -> None:
    echo.faults.add(
        Fault(trouble=Trouble.STATUS, status=409), Fault(trouble=Trouble.STATUS, status=403, when=lambda each: each.part)
    )
    assert echo.serve_part(asked("/", part=True), echo.answer).status == 403
    assert echo.serve_part(asked("/", part=True), echo.answer).status == 200


def test_what_a_watcher_objects_to_is_a_500_and_is_kept(echo: Echo) -> None:
    def gate(exchange: Exchange) -> None:
        assert exchange.asked.path != "/wrong", "no such path"

    echo.watch(gate)
    said = [echo.serve(asked(path)) for path in ("/right", "/wrong")]
    assert [each.status for each in said if each] == [200, 500]
    assert len(echo.violations) == 1
    assert "no such path" in echo.violations[0]


def test_what_an_emulator_stumbles_over_is_kept(echo: Echo) -> None:
    connection = connected(echo)
    connection.request("GET", "/stumble", headers=BEARER)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
    assert echo.violations == ["the emulator failed: LookupError('/stumble')"]


def test_a_token_names_its_user_where_tokens_are_given() -> None:
    with Echo(tokens={"abc": "pat"}) as emulator:
        connection = connected(emulator)
        for token, status in (("abc", 200), ("other", 401), ("", 401)):
            connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            assert answer.status == status
            assert ("pat" in answer.read().decode()) == (status == 200)
        connection.close()
