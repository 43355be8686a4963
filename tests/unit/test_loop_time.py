"""The budget of a session, and the watch that says what held the loop."""

import asyncio
import time
from functools import partial

import pytest
import structlog

from chat.loop_time import (
    BUDGET_SECONDS,
    BURST_SECONDS,
    HELD_SECONDS,
    MAX_WAIT_SECONDS,
    REST_FACTOR,
    RESTS_BELOW_SECONDS,
    LoopBudget,
    LoopWatch,
    charge_new_tasks_to,
    run_in_thread,
)
from tests.harness.waiting import wait_until


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("step", [0.001, 0.01, 0.025, BURST_SECONDS - RESTS_BELOW_SECONDS])
def test_session_that_did_little_goes_on_without_a_rest(step: float) -> None:
    budget = LoopBudget(clock=Clock())
    for _ in range(int((BURST_SECONDS - RESTS_BELOW_SECONDS) / step + 0.5)):
        budget.spend(step * 0.999)
        assert budget.wait_seconds == 0


@pytest.mark.parametrize("step", [0.001, 0.01, 0.05, RESTS_BELOW_SECONDS])
def test_busy_session_rests_after_each_step_and_then_may_go_on(step: float) -> None:
    clock = Clock()
    budget = LoopBudget(clock=clock)
    spent = BURST_SECONDS - RESTS_BELOW_SECONDS
    budget.spend(spent)
    while spent + step <= BURST_SECONDS:
        budget.spend(step)
        spent += step
        assert budget.wait_seconds == pytest.approx(REST_FACTOR * step)
        clock.now += REST_FACTOR * step
        assert budget.wait_seconds == 0


@pytest.mark.parametrize("step", [0.0001, 0.001, 0.01, 0.05, 0.3])
def test_session_that_always_asks_for_more_gets_its_budget_and_no_more(step: float) -> None:
    clock = Clock()
    budget = LoopBudget(clock=clock)
    spent, ends = 0.0, clock.now + 60
    while clock.now < ends:
        budget.spend(step)
        spent += step
        clock.now += step + budget.wait_seconds
        assert budget.wait_seconds == pytest.approx(0, abs=1e-6)
    # (Of a step longer than the longest wait allows, a part is forgiven.)
    wanted = BURST_SECONDS + 60 * max(BUDGET_SECONDS, step / (step + MAX_WAIT_SECONDS))
    assert spent == pytest.approx(wanted, rel=0.1)


def test_one_long_step_does_not_lock_a_session_out() -> None:
    clock = Clock()
    budget = LoopBudget(clock=clock)
    budget.spend(60)
    assert budget.wait_seconds == pytest.approx(MAX_WAIT_SECONDS)
    clock.now += 3600
    assert budget.wait_seconds == 0


def hold_the_loop(seconds: float) -> None:
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass


async def slow_handler() -> None:
    hold_the_loop(HELD_SECONDS * 1.2)


async def test_what_holds_the_loop_is_logged_with_its_name_and_is_the_worst_of_a_minute() -> None:
    clock = Clock()
    watch = LoopWatch(clock=clock)
    watch.install(asyncio.get_running_loop())
    with structlog.testing.capture_logs() as logs:
        await asyncio.create_task(asyncio.sleep(0))
        assert watch.worst < HELD_SECONDS
        await asyncio.create_task(slow_handler(), name="click: Menu.open")
    (line,) = [each for each in logs if each["event"] == "the loop was held"]
    assert line["what"] == "slow_handler (click: Menu.open)"
    assert line["ms"] > 1000 * HELD_SECONDS
    assert watch.worst > HELD_SECONDS
    clock.now += 45
    assert watch.worst > HELD_SECONDS
    clock.now += 20
    assert watch.worst == 0


async def test_callback_that_holds_the_loop_is_noticed() -> None:
    watch = LoopWatch()
    watching = asyncio.create_task(watch.watch_callbacks())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(hold_the_loop, 4 * HELD_SECONDS)
    await wait_until(lambda: watch.worst > HELD_SECONDS)
    watching.cancel()


async def test_tasks_of_tasks_are_charged_to_the_session_that_started_the_first() -> None:
    watch, ours, others = LoopWatch(), LoopBudget(), LoopBudget()
    watch.install(asyncio.get_running_loop())

    async def work() -> None:
        await asyncio.sleep(0)
        hold_the_loop(0.3)

    async def start(budget: LoopBudget) -> None:
        charge_new_tasks_to(budget)
        await asyncio.gather(asyncio.create_task(work()), asyncio.create_task(asyncio.sleep(0)))

    await asyncio.create_task(start(ours))
    assert ours.wait_seconds > 0
    assert others.wait_seconds == 0


async def test_exceptions_cancellation_and_results_pass_through_measured_tasks() -> None:
    LoopWatch().install(asyncio.get_running_loop())

    async def fail() -> None:
        raise ValueError("expected")

    async def answer() -> int:
        return 42

    with pytest.raises(ValueError, match="expected"):
        await asyncio.create_task(fail())
    assert await asyncio.create_task(answer()) == 42
    sleeping = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.create_task(asyncio.sleep(60))


async def test_thread_that_works_for_a_session_is_charged_to_it() -> None:
    budget = LoopBudget()

    async def ask_for_work() -> None:
        charge_new_tasks_to(budget)
        await run_in_thread(partial(hold_the_loop, 2 * BURST_SECONDS))

    assert budget.wait_seconds == 0
    await asyncio.create_task(ask_for_work())
    assert budget.wait_seconds > 0
