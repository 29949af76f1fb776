"""Are jobs run one at a time per key, reported when they raise, and waited for?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event, current_thread

import pytest

from carnet.errors import Unavailable
from carnet.jobs.inline import ThreadJobs
from carnet.ports.jobs import Jobs

PATIENCE = 10


@pytest.fixture
def errors() -> list[tuple[str, BaseException]]:
    return []


@pytest.fixture
def jobs(errors: list[tuple[str, BaseException]]) -> Iterator[Jobs]:
    made = ThreadJobs(lambda key, error: errors.append((key, error)))
    yield made
    made.close()


def test_a_job_runs_in_another_thread(jobs: Jobs) -> None:
    names: list[str] = []
    assert jobs.start("a", lambda: names.append(current_thread().name))
    jobs.close()
    assert len(names) == 1
    assert names[0].startswith("carnet-job")


def test_a_second_job_of_a_key_is_turned_away_while_the_first_runs(jobs: Jobs) -> None:
    go = Event()
    ran: list[str] = []

    def wait() -> None:
        assert go.wait(PATIENCE)
        ran.append("first")

    assert jobs.start("a", wait)
    assert jobs.running("a")
    assert not jobs.start("a", lambda: ran.append("second"))
    assert not jobs.running("b")
    go.set()
    jobs.close()
    assert ran == ["first"]
    assert not jobs.running("a")


def test_a_third_job_waits_for_a_free_thread_and_counts_as_running(jobs: Jobs) -> None:
    go = Event()
    for key in "abc":
        assert jobs.start(key, lambda: None if go.wait(PATIENCE) else pytest.fail("never let go"))
    assert jobs.running("c")
    assert not jobs.start("c", lambda: None)
    go.set()


def test_a_key_is_free_again_after_its_job(jobs: Jobs) -> None:
    first, second = Event(), Event()
    assert jobs.start("a", first.set)
    assert first.wait(PATIENCE)
    for _ in range(1000):
        if not jobs.running("a"):
            break
        Event().wait(0.01)
    assert jobs.start("a", second.set)
    assert second.wait(PATIENCE)


def test_a_job_that_raises_is_reported_with_its_key(jobs: Jobs, errors: list[tuple[str, BaseException]]) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    jobs.start("broken", fail)
    jobs.close()
    assert [(key, type(error)) for key, error in errors] == [("broken", ZeroDivisionError)]
    assert not jobs.running("broken")


def test_closing_waits_for_what_runs_and_takes_nothing_new(jobs: Jobs) -> None:
    ran: list[int] = []
    for number in range(5):
        jobs.start(str(number), partial(ran.append, number))
    jobs.close()
    assert sorted(ran) == [0, 1, 2, 3, 4]
    with pytest.raises(Unavailable):
        jobs.start("late", lambda: None)
    jobs.close()
