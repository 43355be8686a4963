"""The time of the event loop: what held it, and how much of it a session may use.

All people share one event loop. A step of a task, from one `await` to the next, keeps everybody
else waiting. `LoopWatch` measures every step of every task; a `LoopBudget` adds up the processor
time of the tasks that were started for one session, and of the threads that work for it.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import ContextVar
from typing import Any, TypeVar

import structlog

from chat.histogram import Histogram

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

# A longer step is logged, in seconds.
HELD_SECONDS = 0.1

# Shorter steps are not recorded, in seconds: most take some microseconds.
_RECORDED_SECONDS = 0.001

# `LoopWatch.worst` is that of the last minute, in parts of ten seconds.
_SLOT_SECONDS, _SLOT_COUNT = 10, 6

# Seconds between two looks at whether the loop is late.
_BEAT_SECONDS = 0.1

# The processor time that a session may use at once, and within each second from then on, in
# seconds. Above that it waits until its average is below it again, but no longer than MAX_WAIT.
BURST_SECONDS = 0.2
BUDGET_SECONDS = 0.1
MAX_WAIT_SECONDS = 2.0

# After a step a session waits that many times as long before it goes on. A message of somebody else
# passes through the loop several times, and would else meet a step of this session each time.
REST_FACTOR = 8.0

# A session that has more of its burst left than this does not rest, in seconds: what a person does
# now and then, as to post a message, is not delayed.
RESTS_BELOW_SECONDS = 0.15

# A shorter wait is none: timers take longer than that.
_LEAST_WAIT_SECONDS = 0.001

Clock = Callable[[], float]


class LoopBudget:
    """The part of the loop's time that one session may use: a bucket that fills with
    BUDGET_SECONDS a second and holds BURST_SECONDS. A busy session rests after each step."""

    __slots__ = ("_clock", "_left", "_rests_until", "_updated_at")

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._left = BURST_SECONDS
        self._updated_at = self._rests_until = clock()

    def spend(self, seconds: float) -> None:
        """Count processor time that was used."""
        self._refill()
        self._left = max(self._left - seconds, -MAX_WAIT_SECONDS * BUDGET_SECONDS)
        if self._left < RESTS_BELOW_SECONDS:
            rests_until = max(self._rests_until, self._updated_at) + REST_FACTOR * seconds
            self._rests_until = min(rests_until, self._updated_at + MAX_WAIT_SECONDS)

    @property
    def wait_seconds(self) -> float:
        """Seconds that the session has to wait; 0 if it may go on."""
        self._refill()
        wait_seconds = max(-self._left / BUDGET_SECONDS, self._rests_until - self._updated_at)
        return wait_seconds if wait_seconds > _LEAST_WAIT_SECONDS else 0.0

    def _refill(self) -> None:
        now = self._clock()
        refilled = self._left + (now - self._updated_at) * BUDGET_SECONDS
        self._left, self._updated_at = min(BURST_SECONDS, refilled), now


_current_budget: ContextVar[LoopBudget | None] = ContextVar("loop_budget", default=None)


def charge_new_tasks_to(budget: LoopBudget) -> None:
    """Charge the tasks that the current task starts from now on to `budget`, and theirs too."""
    _current_budget.set(budget)


async def let_others_run() -> None:
    """End a step of long work: others are served now. A session over its budget waits as well."""
    budget = _current_budget.get()
    await asyncio.sleep(0 if budget is None else budget.wait_seconds)


async def run_in_thread(work: Callable[[], Result], executor: Executor | None = None) -> Result:
    """Run blocking `work` in a thread, and charge its processor time to the current session.

    (A thread that computes takes turns with the loop at the interpreter.)
    """
    loop = asyncio.get_running_loop()
    budget = _current_budget.get()
    if budget is None:
        return await loop.run_in_executor(executor, work)
    seconds = 0.0

    def measured() -> Result:
        nonlocal seconds
        started = time.thread_time()
        try:
            return work()
        finally:
            seconds = time.thread_time() - started

    try:
        return await loop.run_in_executor(executor, measured)
    finally:
        budget.spend(seconds)


class LoopWatch:
    """Measures what holds the event loop; one for each process."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        # The longest step of each part of the last minute, by the number of the part.
        self._worst_by_slot: dict[int, float] = {}
        self._held_at = float("-inf")
        # How late the loop was each time it was looked at, ten times a second.
        self.lag = Histogram()

    @property
    def worst(self) -> float:
        """The longest time that the loop was held within the last minute, in seconds."""
        self._drop_old_slots()
        return max(self._worst_by_slot.values(), default=0.0)

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Measure all tasks that are started from now on."""
        loop.set_task_factory(self._create_task)

    async def watch_callbacks(self) -> None:
        """Notice, until cancelled, what holds the loop outside of tasks: it has no name.

        (Only processor time counts: a busy computer makes the loop late, too.)
        """
        while True:
            due, processor_time = self._clock() + _BEAT_SECONDS, time.thread_time()
            await asyncio.sleep(_BEAT_SECONDS)
            self.lag.observe(max(0.0, self._clock() - due))
            late = min(self._clock() - due, time.thread_time() - processor_time)
            if late > HELD_SECONDS and self._held_at < due - _BEAT_SECONDS:
                self.record("a callback", late)

    def record(self, name: str, seconds: float) -> None:
        """Record a step of `seconds`; a long one is logged with its name."""
        self._drop_old_slots()
        now = self._clock()
        slot = int(now // _SLOT_SECONDS)
        self._worst_by_slot[slot] = max(seconds, self._worst_by_slot.get(slot, 0.0))
        if seconds > HELD_SECONDS:
            self._held_at = now
            # No warning: on a busy computer every step is long, and they would fill the terminal.
            log.info("the loop was held", what=name, ms=round(1000 * seconds))

    def _drop_old_slots(self) -> None:
        oldest = int(self._clock() // _SLOT_SECONDS) - _SLOT_COUNT
        for slot in [each for each in self._worst_by_slot if each <= oldest]:
            del self._worst_by_slot[slot]

    def _create_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        **kwargs: Any,
    ) -> asyncio.Task[Any]:
        steps = _MeasuredSteps(coroutine, self, _current_budget.get())
        return asyncio.Task(steps, loop=loop, **kwargs)


class _MeasuredSteps(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are measured."""

    __slots__ = ("_budget", "_coroutine", "_watch")

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], watch: LoopWatch, budget: LoopBudget | None
    ) -> None:
        self._coroutine = coroutine
        self._watch = watch
        self._budget = budget

    def send(self, value: Any) -> Any:
        """Run the next step."""
        budget = self._budget
        if budget is None:
            started = time.perf_counter()
            try:
                return self._coroutine.send(value)
            finally:
                if (seconds := time.perf_counter() - started) > _RECORDED_SECONDS:
                    self._record(seconds)
        started, processor_time = time.perf_counter(), time.thread_time()
        try:
            return self._coroutine.send(value)
        finally:
            budget.spend(time.thread_time() - processor_time)
            if (seconds := time.perf_counter() - started) > _RECORDED_SECONDS:
                self._record(seconds)

    def throw(self, *exception: Any) -> Any:
        """Run the next step with an exception."""
        return self._coroutine.throw(*exception)

    def close(self) -> None:
        """Close the coroutine."""
        self._coroutine.close()

    def __await__(self) -> Any:
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        # `cr_frame` and others, which tracebacks of tasks and anyio read.
        return getattr(self._coroutine, name)

    def _record(self, seconds: float) -> None:
        name = getattr(self._coroutine, "__qualname__", type(self._coroutine).__name__)
        task = asyncio.current_task()
        if task is not None and not task.get_name().startswith("Task-"):
            name = f"{name} ({task.get_name()})"
        self._watch.record(name, seconds)
