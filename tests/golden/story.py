"""A story that contains every frame of the page-script protocol.

`docs/design.md` has a table of the frames; the headless client plays the page's script. Each line
is a frame: `>` goes to the chat, `<` comes from it. A step ends when all that comes of it is
here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import a_chat
from tests.golden.client import frozen_clock
from tests.harness.domain import nobody_was_in
from tests.harness.user import Resident
from tests.harness.waiting import until

# What is another in each run: the address of an upload, and of a file.
_RANDOM = re.compile(r"(/upload/|/files/)([\w-]{12,})")

# So long nothing may come before a step is over, in seconds.
_QUIET = 0.03


class _Story:
    """What is said, step by step."""

    def __init__(self, ann: Resident) -> None:
        self._ann = ann
        self._lines: list[str] = []
        self._begun = 0
        self._known: dict[str, str] = {}
        self._takes = ""

    async def step(
        self,
        name: str,
        *acts: Awaitable[object],
        ends: Callable[[], object] = lambda: True,
        said: str = "",
    ) -> None:
        """Something is done; it is over when `ends()` is true, and the last frame begins so."""
        for act in acts:
            await act
        talked = self._ann.talked
        try:
            await until(lambda: self._last(said) and ends(), 10, 0.002)
        except TimeoutError:
            raise AssertionError(f"{name} {talked[self._begun :]}, {self._ann.talk}") from None
        await self._rests(len(talked))
        fresh, self._begun = talked[self._begun :], len(talked)
        kept = [self._same(each) for each in fresh if self._is_news(each)]
        self._lines += [f"# {name}", *kept, ""]

    async def _rests(self, count: int) -> None:
        await asyncio.sleep(_QUIET)
        if len(self._ann.talked) > count:
            await self._rests(len(self._ann.talked))

    def _is_news(self, line: str) -> bool:
        """Whether files may be dropped is told again whenever something happens to the room."""
        if line in {"> h", "< ft0", "< ft1"}:
            before, self._takes = self._takes, line
            return line != before
        return True

    def _last(self, said: str) -> bool:
        return any(each.startswith(said) for each in self._ann.talked[self._begun :])

    def _same(self, line: str) -> str:
        def number(found: re.Match[str]) -> str:
            kind, name = found.groups()
            return kind + self._known.setdefault(name, f"<{len(self._known) + 1}>")

        return _RANDOM.sub(number, line)

    def __str__(self) -> str:
        return "\n".join(self._lines)


async def told() -> str:
    """The frames, as text."""
    with TemporaryDirectory() as folder, frozen_clock():
        async with a_chat(await nobody_was_in(Path(folder) / "data")) as chat:
            ann, bob = Resident(chat.url), Resident(chat.url)
            try:
                return await _told(ann, bob)
            finally:
                ann.hears.set()
                await ann.disconnects()
                await bob.disconnects()


async def _told(ann: Resident, bob: Resident) -> str:
    story = _Story(ann)
    await story.step("The page is loaded.", ann.opens(), said="< k")
    await story.step("Ann comes in.", ann.comes_in("Ann"), said="< ft1")
    await bob.opens()
    await bob.comes_in("Bob")
    await ann.reads("Bob has joined the chat.")
    await _writes(story, ann)
    await _chooses(story, ann)
    await _goes(story, ann, bob)
    await _looks(story, ann, bob)
    await _carries(story, ann, bob)
    await _saves(story, ann, bob)
    await _prefers(story, ann)
    await story.step("The page is loaded again.", ann.reloads("/room/lobby"), said="< ft1")
    return str(story)


async def _writes(story: _Story, ann: Resident) -> None:
    await story.step("A message is sent.", ann.says("hello 你好"), said="> y")
    ann.hears.clear()
    await ann.types("one")
    await ann.sends()
    await until(lambda: ann.talked[-1] == "< cone")
    await ann.types("not that one")
    ann.hears.set()
    await story.step("What was sent stands in the field no more.", said="> n")
    await ann.types("")
    await story.step("The last message is taken up.", ann.takes_up("one"), said="> u")
    await story.step("It is edited.", ann.says("two"), ann.reads("two"), said="> s")
    await story.step("It is taken up again.", ann.takes_up("two"), said="> u")
    await story.step("It is left.", ann.presses("escape"), ann.has_words(""), said="> x")
    await ann.types("it is here")
    await story.step("The cursor is told.", ann.puts_cursor(3, 5), said="> p")
    await ann.clicks("Choose an emoji")
    await story.step(
        "An emoji comes there.", ann.picks("🚀"), ann.has_words("it 🚀 here"), said="< w"
    )
    await story.step(
        "A shortcode is written.", ann.types(":tada: "), ann.has_words("🎉 "), said="< s"
    )
    await ann.types("")


async def _chooses(story: _Story, ann: Resident) -> None:
    def free() -> bool:
        return not ann.captures

    await story.step(
        "A name is begun.", ann.is_offered("@", "Bob*", "@here", "@everyone"), said="< g1"
    )
    await story.step("Another is chosen.", ann.presses("down"), said="> gd",
                     ends=lambda: ann.suggested == ["Bob", "@here*", "@everyone"])  # fmt: skip
    await story.step("And the first again.", ann.presses("up"), said="> gu",
                     ends=lambda: ann.suggested == ["Bob*", "@here", "@everyone"])  # fmt: skip
    await ann.is_offered("@b", "Bob*")
    await story.step("Tab takes the name.", ann.presses("tab"), ann.has_words("@Bob "), said="< s")
    await ann.is_offered(":rock", "🚀*", "🪨")
    await story.step("The list is put away.", ann.presses("escape"), said="< g0", ends=free)
    await ann.is_offered(":tada", "🎉*")
    await story.step(
        "Enter takes the emoji.", ann.presses("enter"), ann.has_words("🎉 "), said="< s"
    )
    await ann.types("")


async def _goes(story: _Story, ann: Resident, bob: Resident) -> None:
    def chosen(title: str) -> Callable[[], bool]:
        return lambda: ann.chosen == [title]

    await ann.makes_room("Garden")
    await bob.joins("Garden")
    await story.step("A room is made.", ann.reads("Bob has joined the room."))
    await story.step(
        "The jump dialog opens.",
        ann.presses("jump"),
        said="< l1",
        ends=lambda: ann.chosen,
    )
    first = ann.chosen
    await story.step("The next line.", ann.presses("choose down"), ends=lambda: ann.chosen != first)
    await story.step("And back.", ann.presses("choose up"), ends=lambda: ann.chosen == first)
    await story.step("It is closed.", ann.escapes(), said="< l0", ends=lambda: ann.dialog is None)
    await story.step("The overview opens.", ann.presses("overview"), ends=lambda: ann.dialog)
    await ann.closes()
    await story.step("The room above.", ann.presses("room up"), ends=lambda: ann.stands_in("Lobby"))
    await story.step(
        "The room below.", ann.presses("room down"), ends=lambda: ann.stands_in("Garden")
    )
    await bob.opens_room("Lobby")
    await story.step("Something is unread.", bob.says("in the lobby"), said="< d1")
    await story.step("The unread room above.", ann.presses("unread up"), said="< d0",
                     ends=lambda: ann.stands_in("Lobby"))  # fmt: skip
    await bob.opens_room("Garden")
    await story.step("Something is unread there.", bob.says("in the garden"), said="< d1")
    await story.step("The unread room below.", ann.presses("unread down"), said="< d0",
                     ends=lambda: ann.stands_in("Garden"))  # fmt: skip
    await ann.opens_room("Lobby")
    await story.step("More is unread.", bob.says("more"), said="< d1")
    await story.step("All is read.", ann.presses("read all"), said="< d0")


async def _looks(story: _Story, ann: Resident, bob: Resident) -> None:
    def notices(count: int) -> Callable[[], bool]:
        return lambda: len(ann.notices) == count and ann.unread > 0

    await bob.opens_room("Lobby")
    await story.step("Another window has the focus.", ann.looks("in view"), said="> v")
    await story.step("The page is hidden.", ann.looks("background"), said="> b")
    await story.step("Ann is called.", bob.says("@Ann **come**, “please”"), said="< d1",
                     ends=notices(1))  # fmt: skip
    await story.step("The page is looked at.", ann.looks("looked at"), said="< d0")
    await story.step("Nobody touches it.", ann.looks("idle"), said="> i")
    await ann.looks("looked at")
    await ann.clicks("Settings")
    await story.step("Notifications are wanted.", ann.clicks("Notifications"), said="> a1")
    await ann.escapes()
    await story.step("And forbidden.", ann.allows(False), said="> a0")
    notice = ann.notices[0]
    await ann.opens_room("Garden")
    await story.step("The notification is clicked.", ann.clicks_notice(notice), said="> o",
                     ends=lambda: ann.title == "Lobby" and ann.is_marked("come"))  # fmt: skip


async def _carries(story: _Story, ann: Resident, bob: Resident) -> None:
    await story.step("Files are to be chosen.", ann.clicks("Attach files"), said="< fc")
    ann.sends_files.clear()
    await story.step("Three are chosen.", ann.offers(("a.txt", b"a"), ("b.txt", b"b"), ("c", b"c")),
                     ends=lambda: ann.wanted.keys() == {1, 2, 3})  # fmt: skip
    await ann.is_shown("c")
    await story.step("One is not wanted.", ann.clicks("Remove a.txt"), said="< fx1")
    await story.step("One cannot be sent.", ann.tells_of_files(2), said="> f",
                     ends=lambda: ann.sees_any("This file did not come."))  # fmt: skip
    await story.step("One is a folder.", ann.tells_of_files([[9, "folder", -1]]), said="< fx9")
    ann.sends_files.set()


async def _saves(story: _Story, ann: Resident, bob: Resident) -> None:
    """A file is saved, and a room is closed and opened again."""
    await bob.offers(("plans.pdf", b"plans"))
    await bob.until(lambda: bob.sees("5 B"))
    await bob.says("look")
    await ann.reads("look")
    await story.step("A file is saved.", ann.taps("look", "plans.pdf"), said="< fd")
    await ann.opens_room("Garden")
    await ann.opens_about()
    await story.step("The room is closed.", ann.acts_on("Archive this room"), said="< ft0")
    await ann.opens_about()
    await story.step("It is open again.", ann.acts_on("Reopen this room"), said="< ft1")


async def _prefers(story: _Story, ann: Resident) -> None:
    await ann.clicks("Settings")
    for value, said in (("dark", "< tdark"), ("ctrl+enter", "< k1")):
        await ann.until(lambda: ann.find("SegmentedButton"))
        found = next(
            each
            for each in ann.find("SegmentedButton")
            if value in [segment["value"] for segment in each["segments"]]
        )
        await ann.sets(found, selected=[value])
        await story.step(f"{value} is chosen.", ann.event(found, "change", [value]), said=said)
