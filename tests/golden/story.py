"""A story that contains every frame of the page-script protocol.

`docs/page-script.md` has a table of the frames; the headless client plays the page script. Each
line is a frame: `>` goes to the chat, `<` comes from it. A step ends when all its frames have
arrived.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import running_chat
from tests.golden.client import frozen_clock
from tests.harness.domain import create_empty_database
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

# Addresses that differ in each run: of an upload, and of a file.
_RANDOM = re.compile(r"(/upload/|/files/)([\w-]{12,})")

# Seconds without a frame before a step is over.
_QUIET = 0.03


class _Story:
    """The frames of the story, step by step."""

    def __init__(self, ann: ChatUser) -> None:
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
        said: str | tuple[str, ...] = "",
    ) -> None:
        """Run `acts`. The step is over when `ends()` is true, and a frame begins with each of
        `said`; with one that stands there twice, two frames."""
        expected = Counter((said,) if isinstance(said, str) else said)
        for act in acts:
            await act
        talked = self._ann.page_script.talked
        try:
            await wait_until(lambda: self._has(expected) and ends(), 20, 0.002)
        except TimeoutError:
            raise AssertionError(
                f"{name} {talked[self._begun :]}, {self._ann.timeline.texts}"
            ) from None
        await self._rests(len(talked))
        fresh, self._begun = talked[self._begun :], len(talked)
        kept = [self._same(each) for each in fresh if self._is_news(each)]
        self._lines += [f"# {name}", *kept, ""]

    async def _rests(self, count: int) -> None:
        await asyncio.sleep(_QUIET)
        if len(self._ann.page_script.talked) > count:
            await self._rests(len(self._ann.page_script.talked))

    def _is_news(self, line: str) -> bool:
        """Whether to record a frame. AcceptFiles is sent at each change of the room: repeats are
        left out."""
        if line in {"> h", "< ft0", "< ft1"}:
            before, self._takes = self._takes, line
            return line != before
        return True

    def _has(self, expected: Counter[str]) -> bool:
        fresh = self._ann.page_script.talked[self._begun :]
        return all(
            sum(line.startswith(prefix) for line in fresh) >= count
            for prefix, count in expected.items()
            if prefix
        )

    def _same(self, line: str) -> str:
        def number(found: re.Match[str]) -> str:
            kind, name = found.groups()
            return kind + self._known.setdefault(name, f"<{len(self._known) + 1}>")

        return _RANDOM.sub(number, line)

    def __str__(self) -> str:
        return "\n".join(self._lines)


async def told() -> str:
    """The frames of the story as text."""
    with TemporaryDirectory() as folder, frozen_clock():
        async with running_chat(await create_empty_database(Path(folder) / "data")) as chat:
            ann, bob = ChatUser(chat.url), ChatUser(chat.url)
            try:
                return await _told(ann, bob)
            finally:
                ann.receiving.set()
                await ann.disconnects()
                await bob.disconnects()


async def _told(ann: ChatUser, bob: ChatUser) -> str:
    story = _Story(ann)
    await story.step("The page is loaded.", ann.opens(), said="< k")
    await story.step("Ann comes in.", ann.signs_in("Ann"), said=("< ft1", "< w1"))
    await bob.opens()
    await bob.signs_in("Bob")
    await ann.timeline.waits_for_message("Bob has joined the chat.")
    await _writes(story, ann)
    await _chooses(story, ann)
    await _goes(story, ann, bob)
    await _looks(story, ann, bob)
    await _carries(story, ann, bob)
    await _saves(story, ann, bob)
    await _prefers(story, ann)
    await story.step(
        "The page is loaded again.", ann.reloads("/room/lobby"), said=("< ft1", "< w1")
    )
    return str(story)


async def _writes(story: _Story, ann: ChatUser) -> None:
    await story.step("A message is sent.", ann.composer.posts("hello 你好"), said="> y")
    ann.receiving.clear()
    await ann.composer.types("one")
    await ann.composer.sends()
    await wait_until(lambda: "< cone" in ann.page_script.talked)
    await ann.composer.types("not that one")
    ann.receiving.set()
    await story.step("What was sent stands in the field no more.", said="> n")
    await ann.composer.types("")
    await story.step(
        "The last message is taken up.", ann.composer.starts_editing_last_message("one"), said="> u"
    )
    await story.step(
        "It is edited.",
        ann.composer.posts("two"),
        ann.timeline.waits_for_message("two"),
        said="> s",
    )
    await story.step(
        "It is taken up again.", ann.composer.starts_editing_last_message("two"), said="> u"
    )
    await story.step(
        "It is left.",
        ann.page_script.presses("escape"),
        ann.composer.waits_for_text(""),
        said="> x",
    )
    await ann.composer.types("it is here")
    await story.step("The cursor is told.", ann.composer.moves_cursor(3, 5), said="> p")
    await ann.clicks("Choose an emoji")
    await story.step(
        "An emoji comes there.",
        ann.emoji_picker.picks("🚀"),
        ann.composer.waits_for_text("it 🚀 here"),
        said="< w",
    )
    await story.step(
        "A shortcode is written.",
        ann.composer.types(":tada: "),
        ann.composer.waits_for_text("🎉 "),
        said="< s",
    )
    await ann.composer.types("")


async def _chooses(story: _Story, ann: ChatUser) -> None:
    def free() -> bool:
        return not ann.page_script.captures_completion_keys

    await story.step(
        "A name is begun.",
        ann.composer.waits_for_completions("@", "Bob*", "@here", "@everyone"),
        said="< g1",
    )
    await story.step(
        "Another is chosen.",
        ann.page_script.presses("down"),
        said="> gd",
        ends=lambda: ann.composer.completions == ["Bob", "@here*", "@everyone"],
    )
    await story.step(
        "And the first again.",
        ann.page_script.presses("up"),
        said="> gu",
        ends=lambda: ann.composer.completions == ["Bob*", "@here", "@everyone"],
    )
    await ann.composer.waits_for_completions("@b", "Bob*")
    await story.step(
        "Tab takes the name.",
        ann.page_script.presses("tab"),
        ann.composer.waits_for_text("@Bob "),
        said="< s",
    )
    await ann.composer.waits_for_completions(":rock", "🚀*", "🪨")
    await story.step(
        "The list is put away.", ann.page_script.presses("escape"), said="< g0", ends=free
    )
    await ann.composer.waits_for_completions(":tada", "🎉*")
    await story.step(
        "Enter takes the emoji.",
        ann.page_script.presses("enter"),
        ann.composer.waits_for_text("🎉 "),
        said="< s",
    )
    await ann.composer.types("")


async def _goes(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    def chosen(title: str) -> Callable[[], bool]:
        return lambda: ann.dialog.selected_items == [title]

    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await story.step(
        "A room is made.", ann.timeline.waits_for_message("Bob has joined the room."), said="< w1"
    )
    await story.step(
        "The jump dialog opens.",
        ann.page_script.presses("jump"),
        said="< l1",
        ends=lambda: ann.dialog.selected_items,
    )
    first = ann.dialog.selected_items
    await story.step(
        "The next line.",
        ann.page_script.presses("choose down"),
        ends=lambda: ann.dialog.selected_items != first,
    )
    await story.step(
        "And back.",
        ann.page_script.presses("choose up"),
        ends=lambda: ann.dialog.selected_items == first,
    )
    await story.step(
        "It is closed.", ann.dialog.dismisses(), said="< l0", ends=lambda: not ann.dialog.is_open
    )
    await story.step(
        "The overview opens.", ann.page_script.presses("overview"), ends=lambda: ann.dialog.is_open
    )
    await ann.dialog.closes()
    await story.step(
        "The room above.",
        ann.page_script.presses("room up"),
        said="< w1",
        ends=lambda: ann.sidebar.has_opened("Lobby"),
    )
    await story.step(
        "The room below.",
        ann.page_script.presses("room down"),
        said="< w1",
        ends=lambda: ann.sidebar.has_opened("Garden"),
    )
    await bob.sidebar.opens_room("Lobby")
    await story.step("Something is unread.", bob.composer.posts("in the lobby"), said="< d1")
    await story.step(
        "The unread room above.",
        ann.page_script.presses("unread up"),
        said=("< w1", "< d0"),
        ends=lambda: ann.sidebar.has_opened("Lobby"),
    )
    await bob.sidebar.opens_room("Garden")
    await story.step("Something is unread there.", bob.composer.posts("in the garden"), said="< d1")
    await story.step(
        "The unread room below.",
        ann.page_script.presses("unread down"),
        said=("< w1", "< d0"),
        ends=lambda: ann.sidebar.has_opened("Garden"),
    )
    await ann.sidebar.opens_room("Lobby")
    await story.step("More is unread.", bob.composer.posts("more"), said=("< w1", "< d1"))
    await story.step("All is read.", ann.page_script.presses("read all"), said="< d0")


async def _looks(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    def notices(count: int) -> Callable[[], bool]:
        return lambda: (
            len(ann.page_script.notifications) == count and ann.page_script.unread_badge > 0
        )

    await bob.sidebar.opens_room("Lobby")
    await story.step(
        "Another window has the focus.", ann.page_script.reports_visibility("in view"), said="> v"
    )
    await story.step(
        "The page is hidden.", ann.page_script.reports_visibility("background"), said="> b"
    )
    await story.step(
        "Ann is called.",
        bob.composer.posts("@Ann **come**, “please”"),
        said=("< n", "< d1"),
        ends=notices(1),
    )
    await story.step(
        "The page is looked at.", ann.page_script.reports_visibility("looked at"), said="< d0"
    )
    await story.step("Nobody touches it.", ann.page_script.reports_visibility("idle"), said="> i")
    await ann.page_script.reports_visibility("looked at")
    await ann.clicks("Settings")
    await story.step("Notifications are wanted.", ann.clicks("Notifications"), said="> a1")
    await ann.dialog.dismisses()
    await story.step("And forbidden.", ann.page_script.allows_notifications(False), said="> a0")
    notice = ann.page_script.notifications[0]
    await ann.sidebar.opens_room("Garden")
    await story.step(
        "The notification is clicked.",
        ann.page_script.clicks_notification(notice),
        said=("< w1", "> o", "< w1"),
        ends=lambda: ann.header.title == "Lobby" and ann.timeline.is_target_row("come"),
    )


async def _carries(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    await story.step("Files are to be chosen.", ann.clicks("Attach files"), said="< fc")
    ann.page_script.uploads_allowed.clear()
    await story.step(
        "Three are chosen.",
        ann.page_script.chooses_files(("a.txt", b"a"), ("b.txt", b"b"), ("c", b"c")),
        ends=lambda: ann.page_script.upload_urls.keys() == {1, 2, 3},
    )
    await ann.waits_for_text("c")
    await story.step("One is not wanted.", ann.clicks("Remove a.txt"), said="< fx1")
    await story.step(
        "One cannot be sent.",
        ann.page_script.reports_files(2),
        said="> f",
        ends=lambda: ann.sees_partial("This file did not come."),
    )
    await story.step(
        "One is a folder.", ann.page_script.reports_files([[9, "folder", -1]]), said="< fx9"
    )
    ann.page_script.uploads_allowed.set()


async def _saves(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    """A file is saved, and a room is closed and opened again."""
    await bob.page_script.chooses_files(("plans.pdf", b"plans"))
    await bob.until(lambda: bob.sees("5 B"))
    await bob.composer.posts("look")
    await ann.timeline.waits_for_message("look")
    await story.step(
        "A file is saved.", ann.timeline.clicks_in_message("look", "plans.pdf"), said="< fd"
    )
    await ann.sidebar.opens_room("Garden")
    await ann.room_dialog.opens()
    await story.step(
        "The room is closed.", ann.dialog.clicks("Archive this room"), said=("< w1", "< ft0")
    )
    await ann.room_dialog.opens()
    await story.step("It is open again.", ann.dialog.clicks("Reopen this room"), said="< ft1")


async def _prefers(story: _Story, ann: ChatUser) -> None:
    await ann.clicks("Settings")
    for value, said in (("dark", "< k0"), ("ctrl+enter", "< k1")):
        await ann.until(lambda: ann.find("SegmentedButton"))
        found = next(
            each
            for each in ann.find("SegmentedButton")
            if value in [segment["value"] for segment in each["segments"]]
        )
        await ann.sets(found, selected=[value])
        await story.step(
            f"{value} is chosen.", ann.fires(found, "change", [value]), said=(said, "< w1")
        )
