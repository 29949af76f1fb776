"""Is one request sent so that it is done once, or known not to be?"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from carnet.errors import BadSettings, NotSignedIn, Throttled, Unanswered, Unavailable
from carnet.testing.emulators.faults import Asked, Fault, Said, Trouble
from carnet.testing.emulators.server import Emulator, said_json
from carnet.transport.backoff import pause, retry_after
from carnet.transport.calls import Call
from carnet.transport.client import Client
from carnet.transport.gate import Gate, Gates

TOKEN = "a-very-secret-token"


class Time:
    """A clock that goes on by what is slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


class Echo(Emulator):
    """Says what it was asked, sets a cookie, and counts what is in flight."""

    def __init__(self) -> None:
        super().__init__()
        self.in_flight = self.most = 0
        self.done: list[str] = []
        self._counting = threading.Lock()
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, asked: Asked) -> Said:
        with self._counting:
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
        self.hold.wait(10)
        with self._counting:
            self.in_flight -= 1
        self.done.append(asked.target)
        return said_json(200, {"headers": dict(asked.headers)}, {"Set-Cookie": "affinity=1"})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as emulator:
        yield emulator


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def make(server: Echo, clock: Time) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def making(gate: Gate | None = None, **options: Any) -> Client:
        chosen = gate or Gate(clock=clock, sleep=clock.sleep)
        client = Client(server.root, token=lambda: TOKEN, gate=chosen, sleep=clock.sleep, **options)
        made.append(client)
        return client

    yield making
    for client in made:
        client.close()


def call(url: str = "x", **more: Any) -> Call:
    return Call(method="GET", url=url, **more)


def busy(seconds: str, status: int = 429, times: int = 1) -> Fault:
    return Fault(trouble=Trouble.STATUS, status=status, headers={"Retry-After": seconds}, times=times)


def test_a_429_closes_the_gate_for_exactly_its_retry_after(server: Echo, clock: Time, make: Callable[..., Client]) -> None:
    server.faults.add(busy("17"))
    assert make().send(call()).status == 200
    assert clock.slept == [17.0]


def test_everybody_behind_the_gate_waits(server: Echo, clock: Time, make: Callable[..., Client]) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    server.faults.add(busy("30"))
    gate.close_for(30)
    assert make(gate).gate.closed_for == 30.0
    make(gate).send(call())
    assert clock.now >= 1030.0


def test_a_longer_closing_stays_when_a_shorter_one_comes(clock: Time) -> None:
    gate = Gate(clock=clock, sleep=clock.sleep)
    gate.close_for(20)
    gate.close_for(5)
    assert gate.closed_for == 20.0


def test_a_503_that_says_when_waits_and_even_what_is_not_repeatable_goes_again(server: Echo, make: Callable[..., Client]) -> None:
    server.faults.add(busy("1", status=503))
    assert make().send(call(repeatable=False)).status == 200


def test_who_would_wait_too_long_is_told(server: Echo, make: Callable[..., Client]) -> None:
    server.faults.add(busy("4000"))
    with pytest.raises(Throttled) as told:
        make(patience=60.0).send(call())
    assert told.value.values["seconds"] == "4000"


@pytest.mark.parametrize("trouble", [Trouble.HANG_UP, Trouble.HANG_UP_AFTER])
def test_what_is_repeatable_is_sent_again(server: Echo, make: Callable[..., Client], trouble: Trouble) -> None:
    server.faults.add(Fault(trouble=trouble))
    client = make()
    assert client.send(call()).status == 200
    assert client.sent == 2


@pytest.mark.parametrize("fault", [Fault(trouble=Trouble.HANG_UP_AFTER), Fault(trouble=Trouble.STATUS, status=502)])
def test_what_is_not_repeatable_is_looked_after_by_its_caller(server: Echo, make: Callable[..., Client], fault: Fault) -> None:
    server.faults.add(fault)
    client = make()
    with pytest.raises(Unanswered):
        client.send(call(repeatable=False))
    assert client.sent == 1


def explained(status: int) -> Fault:
    body = b'{"error":{"code":"UnknownError"}}'
    return Fault(trouble=Trouble.STATUS, status=status, headers={"Content-Type": "application/json"}, body=body)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_is_repeatable_is_sent_again_after_trouble_that_passes_however_it_is_explained(
    server: Echo, make: Callable[..., Client], status: int
) -> None:
    server.faults.add(explained(status))
    client = make()
    assert client.send(call()).status == 200
    assert client.sent == 2


@pytest.mark.parametrize(("status", "repeatable"), [(500, True), (500, False), (503, False)])
def test_an_error_that_the_service_explains_is_otherwise_the_callers(
    server: Echo, make: Callable[..., Client], status: int, *, repeatable: bool
) -> None:
    server.faults.add(explained(status))
    client = make()
    assert client.send(call(repeatable=repeatable)).status == status
    assert client.sent == 1


def test_a_server_that_is_not_there_is_told(clock: Time) -> None:
    client = Client("http://127.0.0.1:9", token=lambda: "", gate=Gate(clock=clock, sleep=clock.sleep), sleep=clock.sleep)
    with pytest.raises(Unavailable):
        client.send(call(repeatable=False))
    client.close()
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_time_out_is_no_answer(server: Echo, make: Callable[..., Client]) -> None:
    server.hold.clear()
    with pytest.raises(Unanswered):
        make(timeout=0.2).send(call(repeatable=False))
    server.hold.set()


def test_an_answer_that_is_no_success_is_the_callers(server: Echo, make: Callable[..., Client]) -> None:
    server.faults.add(Fault(trouble=Trouble.STATUS, status=412, body=b'{"error":{}}'))
    answer = make().send(call())
    assert (answer.status, answer.is_success) == (412, False)


class Renewing:
    """A token source whose first token is no longer taken."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> str:
        return "old"

    def refresh(self) -> str:
        self.asked += 1
        return "new"


def test_a_token_that_is_refused_is_renewed_once(server: Echo, clock: Time) -> None:
    server.tokens = {"new": "me"}
    source = Renewing()
    client = Client(server.root, token=source, gate=Gate(clock=clock, sleep=clock.sleep))
    assert client.send(call()).status == 200
    server.tokens = {}
    with pytest.raises(NotSignedIn):
        client.send(call())
    assert source.asked == 2
    client.close()


def test_no_cookie_is_kept(make: Callable[..., Client]) -> None:
    client = make()
    client.send(call())
    assert list(client._http.cookies.jar) == [], "another thread could send it on"
    assert "cookie" not in client.send(call()).json()["headers"]


def test_no_more_than_the_slots_are_in_flight_and_a_batch_takes_them_all(server: Echo, make: Callable[..., Client]) -> None:
    client = make(Gate(slots=3))
    server.hold.clear()
    threads = [threading.Thread(target=client.send, args=(call(),)) for _ in range(12)]
    for thread in threads:
        thread.start()
    _until(lambda: server.in_flight == 3)
    server.hold.set()
    for thread in threads:
        thread.join()
    assert server.most == 3
    server.hold.clear()
    whole = threading.Thread(target=client.send, args=(call("batch", slots=4),))
    whole.start()
    _until(lambda: server.in_flight == 1)
    beside = threading.Thread(target=client.send, args=(call("beside"),))
    beside.start()
    assert server.in_flight == 1
    server.hold.set()
    whole.join()
    beside.join()
    assert server.done[-2:] == ["/batch", "/beside"]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_one_gate_stands_before_each_application_and_mailbox() -> None:
    gates = Gates()
    assert gates.of("app", "a") is gates.of("app", "a")
    assert gates.of("app", "a") is not gates.of("app", "b")
    assert gates.of("other", "a") is not gates.of("app", "a")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("5", 5.0), ("0.5", 0.5), ("Wed, 25 Nov 2026 10:00:30 GMT", 30.0), ("-3", 0.0), ("", None), ("soon", None)],
)
def test_retry_after_is_a_number_or_a_date(said: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    assert retry_after({"retry-after": said}, now=now) == seconds


def test_pauses_double_up_to_half_a_minute() -> None:
    assert [pause(attempt) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_no_token_and_no_address_stands_in_a_log_a_repr_or_an_error(
    server: Echo, make: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = make()
    with caplog.at_level(logging.INFO):
        client.send(call("contacts?$filter=camille@contoso.com"))
        server.faults.add(Fault(trouble=Trouble.HANG_UP_AFTER))
        with pytest.raises(Unanswered) as told:
            client.send(call("contacts?$filter=camille@contoso.com", repeatable=False))
    said = f"{caplog.text} {client!r} {told.value} {told.value.hint} {told.value.__cause__}"
    assert TOKEN not in said
    assert "camille" not in said


def test_certificates_that_are_not_there_are_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    with pytest.raises(BadSettings, match="SSL_CERT_FILE"):
        Client("https://contoso.example", token=lambda: TOKEN, gate=Gate())
