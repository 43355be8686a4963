"""The event loop of bots: it knows whose task each step is, and how long the step took.

A bot that is dropped leaves no task and no timer behind; one that holds the loop, which all bots
share, is named.
"""

import asyncio
import contextvars
import sys
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVarTuple

from flet_chat.bot_runner.loading import own_line

Arguments = TypeVarTuple("Arguments")

# A longer step holds the loop, in seconds.
BLOCKED_SECONDS = 0.2

# A step that is so long does not end, in seconds; and so does a function on a thread that has used
# so much processor time.
ENDLESS_SECONDS, ENDLESS_THREAD_SECONDS = 5.0, 30.0

# Seconds between two looks.
_LOOK_SECONDS = 0.05


class Ownership:
    """The tasks, timers and threads of one version of a bot.

    `on_blocked` is told of a step that held the loop, on the loop; `on_endless` of one that does
    not end, on another thread. Both get the place in its file, and the first the seconds.
    """

    def __init__(
        self,
        path: Path,
        on_blocked: Callable[[float, str], None],
        on_endless: Callable[[str], None],
    ) -> None:
        self.path = path
        self.on_blocked, self.on_endless = on_blocked, on_endless
        self.place = ""
        self._tasks = set[asyncio.Task[Any]]()
        self._timers = weakref.WeakSet[asyncio.TimerHandle]()

    def own(self, task: asyncio.Task[Any]) -> None:
        """Keep a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def own_timer(self, timer: asyncio.TimerHandle) -> None:
        """Keep a timer until it is due."""
        self._timers.add(timer)

    def drop(self) -> None:
        """Cancel all that is left."""
        for task in list(self._tasks):
            task.cancel()
        for timer in list(self._timers):
            timer.cancel()


# Whose code runs; None for our own.
current_owner: contextvars.ContextVar[Ownership | None] = contextvars.ContextVar(
    "current_owner", default=None
)


def context_of(owner: Ownership) -> contextvars.Context:
    """A context for the code of a bot: what it starts is its own."""
    context = contextvars.copy_context()
    context.run(current_owner.set, owner)
    return context


@dataclass(slots=True)
class _Step:
    owner: Ownership
    started: float


class StepWatch:
    """Watches the steps of the loop and the functions on threads, from a thread of its own."""

    def __init__(self) -> None:
        self._step: _Step | None = None
        # The functions that run on threads, by the id of the thread: whose, and its clock at start.
        self._threads = dict[int, tuple[Ownership, float]]()
        self._loop_thread = threading.get_ident()
        threading.Thread(target=self._watch, name="watch bots", daemon=True).start()

    def begin(self, owner: Ownership) -> None:
        """A step of a task of this bot begins."""
        owner.place = ""
        self._step = _Step(owner, time.monotonic())

    def end(self) -> None:
        """It has ended."""
        step, self._step = self._step, None
        if step is not None and (seconds := time.monotonic() - step.started) > BLOCKED_SECONDS:
            step.owner.on_blocked(seconds, step.owner.place)

    def run_on_thread(self, owner: Ownership, function: Callable[[], Any]) -> Any:
        """Run a function on this thread, and watch its processor time."""
        thread = threading.get_ident()
        self._threads[thread] = (owner, _cpu_seconds(thread))
        try:
            return context_of(owner).run(function)
        finally:
            del self._threads[thread]

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            now, step = time.monotonic(), self._step
            if step is not None and now - step.started > BLOCKED_SECONDS:
                step.owner.place = _place(self._loop_thread, step.owner)
                if now - step.started > ENDLESS_SECONDS:
                    step.owner.on_endless(step.owner.place)
            for thread, (owner, started) in list(self._threads.items()):
                if _cpu_seconds(thread) - started > ENDLESS_THREAD_SECONDS:
                    owner.on_endless(_place(thread, owner))


def _place(thread: int, owner: Ownership) -> str:
    return own_line(sys._current_frames().get(thread), owner.path)


def _cpu_seconds(thread: int) -> float:
    """The processor time of a thread; 0 where the system does not tell it."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    if clock_of is None:
        return 0.0
    try:
        return time.clock_gettime(clock_of(thread))
    except OSError:  # it has ended
        return 0.0


class _WatchedCoroutine(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are watched. One that exits the process fails instead."""

    def __init__(self, inner: Coroutine[Any, Any, Any], owner: Ownership, watch: StepWatch) -> None:
        self._inner, self._owner, self._watch = inner, owner, watch
        # The name of its task in a log.
        self.__qualname__ = getattr(inner, "__qualname__", type(inner).__name__)

    def send(self, value: Any) -> Any:
        self._watch.begin(self._owner)
        try:
            return self._inner.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise _exit_refused(error) from error
        finally:
            self._watch.end()

    def throw(
        self,
        kind: Any,
        error: BaseException | object = None,
        trace: TracebackType | None = None,
    ) -> Any:
        self._watch.begin(self._owner)
        try:
            return self._inner.throw(kind)
        except (SystemExit, KeyboardInterrupt) as exit_error:
            raise _exit_refused(exit_error) from exit_error
        finally:
            self._watch.end()

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()


def _exit_refused(error: BaseException) -> RuntimeError:
    refused = RuntimeError("A bot cannot end the process of all bots: leave the function instead.")
    return refused.with_traceback(error.__traceback__)


class BotLoop(asyncio.SelectorEventLoop):
    """A loop whose tasks and timers belong to the bot that has started them."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = StepWatch()
        # The owners of tasks, for what fails in them and nobody has waited for.
        self._owners = weakref.WeakKeyDictionary[asyncio.Task[Any], Ownership]()
        self.set_task_factory(self._task)

    def owner_of(self, task: object) -> Ownership | None:
        """Whose task it is."""
        return self._owners.get(task) if isinstance(task, asyncio.Task) else None

    def call_at(
        self,
        when: float,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """A timer, which belongs to whoever sets it."""
        timer = super().call_at(when, callback, *args, context=context)
        if (owner := current_owner.get()) is not None:
            owner.own_timer(timer)
        return timer

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        *,
        context: contextvars.Context | None = None,
        **options: Any,
    ) -> asyncio.Task[Any]:
        owner = current_owner.get() if context is None else context.get(current_owner)
        if owner is None:
            return asyncio.Task(coroutine, loop=loop, context=context, **options)
        watched = _WatchedCoroutine(coroutine, owner, self.watch)
        task = asyncio.Task(watched, loop=loop, context=context, **options)
        self._owners[task] = owner
        owner.own(task)
        return task
