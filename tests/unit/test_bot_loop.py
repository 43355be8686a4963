"""The loop of bots: what a bot has started is its own, and what holds the loop is found."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flet_chat.bot_runner.owned_loop import BLOCKED_SECONDS, BotLoop, Ownership, context_of


class Owner(Ownership):
    """The owner of this file's tasks, and what it is told."""

    def __init__(self) -> None:
        self.blocked = list[tuple[float, str]]()
        self.endless = list[str]()
        super().__init__(
            Path(__file__), lambda *held: self.blocked.append(held), self.endless.append
        )


def run(story: Callable[[Owner], Any]) -> Owner:
    """Run a story on a loop of bots."""
    owner = Owner()
    with asyncio.Runner(loop_factory=BotLoop) as runner:
        runner.run(story(owner))
    return owner


async def started(owner: Owner, work: Callable[[], Any]) -> asyncio.Task[Any]:
    """A task of the owner's."""
    return asyncio.get_running_loop().create_task(work(), context=context_of(owner))


def test_tasks_and_timers_that_a_bot_leaves_are_cancelled() -> None:
    async def story(owner: Owner) -> None:
        left: dict[str, Any] = {}

        async def leave() -> None:
            loop = asyncio.get_running_loop()
            left["timer"] = loop.call_later(60, print, "late")
            left["task"] = asyncio.create_task(asyncio.sleep(60))
            await asyncio.sleep(0)

        await (await started(owner, leave))
        others = asyncio.create_task(asyncio.sleep(0.01))
        assert asyncio.get_running_loop().owner_of(left["task"]) is owner  # type: ignore[attr-defined]
        owner.drop()
        with pytest.raises(asyncio.CancelledError):
            await left["task"]
        assert left["timer"].cancelled()
        await others

    run(story)


def test_step_that_holds_the_loop_is_told_with_its_line() -> None:
    async def story(owner: Owner) -> None:
        async def hold() -> None:
            await asyncio.sleep(0)
            time.sleep(BLOCKED_SECONDS + 0.15)  # noqa: ASYNC251

        await (await started(owner, hold))

    ((seconds, place),) = run(story).blocked
    assert seconds > BLOCKED_SECONDS
    assert place.startswith("test_bot_loop.py, line ") and place.endswith(", in hold")


def test_task_that_exits_the_process_fails_instead() -> None:
    async def story(owner: Owner) -> None:
        async def leave() -> None:
            raise SystemExit(3)

        with pytest.raises(RuntimeError, match="cannot end the process"):
            await (await started(owner, leave))

    run(story)
