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

from chat.ui.client.notification_state import NotificationState
from tests.conftest import running_chat
from tests.golden.client import frozen_clock
from tests.harness.domain import create_empty_database
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

# Ids that differ in each run: of an upload, of a file, of a sent text, and the code of a token.
_RANDOM_IDS = re.compile(r"(/upload/|/files/|^< i|< m.*, \[\"|> s|> ge|< c|< a)([\w-]{12,})")

# Seconds without a frame before a step is over.
_QUIET = 0.03


class _Story:
    """The frames of the story, step by step."""

    def __init__(self, ann: ChatUser) -> None:
        self._ann = ann
        self._lines: list[str] = []
        self._step_start = 0
        self._numbered_ids: dict[str, str] = {}
        self._last_accept_files = ""

    async def step(
        self,
        name: str,
        *actions: Awaitable[object],
        until: Callable[[], object] = lambda: True,
        expects: str | tuple[str, ...] = "",
    ) -> None:
        """Run `actions`. The step ends when `until()` is true, and a frame begins with each of
        `expects`; with a prefix that is listed twice, two frames."""
        expected = Counter((expects,) if isinstance(expects, str) else expects)
        for action in actions:
            await action
        frames = self._ann.page_script.frames
        try:
            await wait_until(lambda: self._has_frames(expected) and until(), 20, 0.002)
        except TimeoutError:
            raise AssertionError(
                f"{name} {frames[self._step_start :]}, {self._ann.timeline.texts}"
            ) from None
        await self._wait_until_quiet(len(frames))
        new_frames, self._step_start = frames[self._step_start :], len(frames)
        lines = [self._with_numbered_ids(each) for each in new_frames if self._is_recorded(each)]
        self._lines += [f"# {name}", *lines, ""]

    async def _wait_until_quiet(self, count: int) -> None:
        await asyncio.sleep(_QUIET)
        if len(self._ann.page_script.frames) > count:
            await self._wait_until_quiet(len(self._ann.page_script.frames))

    def _is_recorded(self, line: str) -> bool:
        """Whether to record a frame. AcceptFiles is sent at each change of the room: repeats are
        left out."""
        if line in {"> h", "< ft0", "< ft1"}:
            before, self._last_accept_files = self._last_accept_files, line
            return line != before
        return True

    def _has_frames(self, expected: Counter[str]) -> bool:
        new_frames = self._ann.page_script.frames[self._step_start :]
        return all(
            sum(line.startswith(prefix) for line in new_frames) >= count
            for prefix, count in expected.items()
            if prefix
        )

    def _with_numbered_ids(self, line: str) -> str:
        def number(match: re.Match[str]) -> str:
            path, random_id = match.groups()
            return path + self._numbered_ids.setdefault(
                random_id, f"<{len(self._numbered_ids) + 1}>"
            )

        return _RANDOM_IDS.sub(number, line)

    def __str__(self) -> str:
        return "\n".join(self._lines)


async def story_frames() -> str:
    """The frames of the story as text."""
    with TemporaryDirectory() as folder, frozen_clock():
        async with running_chat(await create_empty_database(Path(folder) / "data")) as chat:
            ann, bob = ChatUser(chat.url), ChatUser(chat.url)
            try:
                return await _run_story(ann, bob)
            finally:
                ann.receiving.set()
                await ann.disconnects()
                await bob.disconnects()


async def _run_story(ann: ChatUser, bob: ChatUser) -> str:
    story = _Story(ann)
    await story.step("The page is loaded.", ann.opens(), expects="< k")
    await story.step("Ann signs in.", ann.signs_in("Ann"), expects=("< ft1", "< w1"))
    await bob.opens()
    await bob.signs_in("Bob")
    await ann.timeline.waits_for_message("Bob has joined the chat.")
    await _edit_messages(story, ann)
    await _accept_completions(story, ann)
    await _switch_rooms(story, ann, bob)
    await _report_visibility(story, ann, bob)
    await _choose_files(story, ann, bob)
    await _save_and_archive(story, ann, bob)
    await _change_preferences(story, ann)
    await story.step(
        "The page is loaded again.", ann.reloads("/room/lobby"), expects=("< ft1", "< w1")
    )
    return str(story)


def _frames(user: ChatUser, prefix: str) -> list[str]:
    """The frames of a user that begin with this."""
    return [each for each in user.page_script.frames if each.startswith(prefix)]


async def _edit_messages(story: _Story, ann: ChatUser) -> None:
    await story.step("A message is sent.", ann.composer.posts("hello 你好"), expects="> y")
    ann.receiving.clear()
    await ann.composer.types("one")
    await ann.composer.sends()
    await wait_until(lambda: any(each.endswith(" one") for each in _frames(ann, "< c")))
    await ann.composer.types("not that one")
    ann.receiving.set()
    await story.step("The field no longer begins with the sent text.", expects="> n")
    await ann.composer.types("")
    await story.step(
        "The last message is opened for editing.",
        ann.composer.starts_editing_last_message("one"),
        expects="> u",
    )
    await story.step(
        "The message is edited.",
        ann.composer.posts("two"),
        ann.timeline.waits_for_message("two"),
        expects="> s",
    )
    await story.step(
        "The message is opened for editing again.",
        ann.composer.starts_editing_last_message("two"),
        expects="> u",
    )
    await story.step(
        "The edit is cancelled.",
        ann.page_script.presses("escape"),
        ann.composer.waits_for_text(""),
        expects="> x",
    )
    await ann.composer.types("it is here")
    await story.step("The cursor moves.", ann.composer.moves_cursor(3, 5), expects="> p")
    await ann.clicks("Choose an emoji")
    await story.step(
        "An emoji is inserted at the cursor.",
        ann.emoji_picker.picks("🚀"),
        ann.composer.waits_for_text("it 🚀 here"),
        expects="< w",
    )
    await story.step(
        "A shortcode is typed.",
        ann.composer.types(":tada: "),
        ann.composer.waits_for_text("🎉 "),
        expects="< s",
    )
    await ann.composer.types("")


async def _accept_completions(story: _Story, ann: ChatUser) -> None:
    def list_is_closed() -> bool:
        return not ann.page_script.captures_completion_keys

    await story.step(
        "A mention is begun.",
        ann.composer.waits_for_completions("@", "Bob*", "@here", "@everyone"),
        expects="< g1",
    )
    await story.step(
        "The next completion is selected.",
        ann.page_script.presses("down"),
        expects="> gd",
        until=lambda: ann.composer.completions == ["Bob", "@here*", "@everyone"],
    )
    await story.step(
        "The first completion is selected again.",
        ann.page_script.presses("up"),
        expects="> gu",
        until=lambda: ann.composer.completions == ["Bob*", "@here", "@everyone"],
    )
    await ann.composer.waits_for_completions("@b", "Bob*")
    await story.step(
        "Tab accepts the name.",
        ann.page_script.presses("tab"),
        ann.composer.waits_for_text("@Bob "),
        expects="< s",
    )
    await ann.composer.waits_for_completions(":rock", "🚀*", "🪨")
    await story.step(
        "The completion list is dismissed.",
        ann.page_script.presses("escape"),
        expects="< g0",
        until=list_is_closed,
    )
    await ann.composer.waits_for_completions(":tada", "🎉*")
    await story.step(
        "Enter accepts the emoji.",
        ann.page_script.presses("enter"),
        ann.composer.waits_for_text("🎉 "),
        expects="< s",
    )
    await ann.composer.types("")


async def _switch_rooms(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await story.step(
        "Bob joins a room that Ann has created.",
        ann.timeline.waits_for_message("Bob has joined the room."),
        expects="< w1",
    )
    await story.step(
        "The quick switcher opens.",
        ann.page_script.presses("quick switcher"),
        expects="< l1",
        until=lambda: ann.dialog.selected_items,
    )
    first = ann.dialog.selected_items
    await story.step(
        "The next target is selected.",
        ann.page_script.presses("list down"),
        until=lambda: ann.dialog.selected_items != first,
    )
    await story.step(
        "The first target is selected again.",
        ann.page_script.presses("list up"),
        until=lambda: ann.dialog.selected_items == first,
    )
    await story.step(
        "The quick switcher closes.",
        ann.dialog.dismisses(),
        expects="< l0",
        until=lambda: not ann.dialog.is_open,
    )
    await story.step(
        "The list of shortcuts opens.",
        ann.page_script.presses("shortcuts"),
        until=lambda: ann.dialog.is_open,
    )
    await ann.dialog.closes()
    await story.step(
        "The previous room opens.",
        ann.page_script.presses("room up"),
        expects="< w1",
        until=lambda: ann.sidebar.has_opened("Lobby"),
    )
    await story.step(
        "The next room opens.",
        ann.page_script.presses("room down"),
        expects="< w1",
        until=lambda: ann.sidebar.has_opened("Garden"),
    )
    await bob.sidebar.opens_room("Lobby")
    await story.step(
        "A message in the lobby is unread.", bob.composer.posts("in the lobby"), expects="< d1"
    )
    await story.step(
        "The previous unread room opens.",
        ann.page_script.presses("unread up"),
        expects=("< w1", "< d0"),
        until=lambda: ann.sidebar.has_opened("Lobby"),
    )
    await bob.sidebar.opens_room("Garden")
    await story.step(
        "A message in the garden is unread.", bob.composer.posts("in the garden"), expects="< d1"
    )
    await story.step(
        "The next unread room opens.",
        ann.page_script.presses("unread down"),
        expects=("< w1", "< d0"),
        until=lambda: ann.sidebar.has_opened("Garden"),
    )
    await ann.sidebar.opens_room("Lobby")
    await story.step(
        "The lobby opens, and the garden is unread.",
        bob.composer.posts("more"),
        expects=("< w1", "< d1"),
    )
    await story.step(
        "All rooms are marked as read.", ann.page_script.presses("read all"), expects="< d0"
    )


async def _report_visibility(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    def has_notifications(count: int) -> Callable[[], bool]:
        return lambda: (
            len(ann.page_script.notifications) == count and ann.page_script.unread_badge > 0
        )

    await bob.sidebar.opens_room("Lobby")
    await story.step(
        "Another window has the focus.",
        ann.page_script.reports_visibility("in view"),
        expects="> v",
    )
    await story.step(
        "The page is hidden.", ann.page_script.reports_visibility("background"), expects="> b"
    )
    await story.step(
        "Bob mentions Ann.",
        bob.composer.posts("@Ann **come**, “please”"),
        expects=("< n", "< d1"),
        until=has_notifications(1),
    )
    notification = ann.page_script.notifications[0]
    await story.step(
        "The page is visible again.",
        ann.page_script.reports_visibility("looked at"),
        expects=("< x1", "< d0"),
    )
    await story.step("The page is idle.", ann.page_script.reports_visibility("idle"), expects="> i")
    await ann.page_script.reports_visibility("looked at")
    await ann.clicks("Settings")
    await ann.clicks("Sound, pauses and keywords")
    await story.step(
        "Ann turns on notifications.",
        ann.notification_dialog.switches_device(on=True),
        expects="> a1",
    )
    await ann.dialog.dismisses()
    await story.step(
        "The browser blocks notifications.",
        ann.page_script.reports_notification_state(NotificationState.BLOCKED),
        expects="> ab",
    )
    await ann.sidebar.opens_room("Garden")
    await story.step(
        "The notification is clicked.",
        ann.page_script.clicks_notification(notification),
        # The page's address becomes that of the room.
        expects=("< w1", "> o", "< w1", "< h"),
        until=lambda: ann.header.title == "Lobby",
    )


async def _choose_files(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    await ann.clicks("Add to your message")
    await story.step("The file chooser opens.", ann.clicks("Files"), expects="< fc")
    ann.page_script.uploads_allowed.clear()
    await story.step(
        "Three files are chosen.",
        ann.page_script.chooses_files(("a.txt", b"a"), ("b.txt", b"b"), ("c", b"c")),
        until=lambda: ann.page_script.upload_urls.keys() == {1, 2, 3},
    )
    await ann.waits_for_text("c")
    await story.step("A file is removed.", ann.clicks("Remove a.txt"), expects="< fx1")
    await story.step(
        "A file cannot be read.",
        ann.page_script.reports_files(2),
        expects="> f",
        until=lambda: ann.sees_partial("This file did not come."),
    )
    await story.step(
        "A folder is refused.", ann.page_script.reports_files([[9, "folder", -1]]), expects="< fx9"
    )
    ann.page_script.uploads_allowed.set()


async def _save_and_archive(story: _Story, ann: ChatUser, bob: ChatUser) -> None:
    """A file is saved, and a room is closed and opened again."""
    await bob.page_script.chooses_files(("plans.pdf", b"plans"))
    await bob.until(lambda: bob.sees("5 B"))
    await bob.composer.posts("look")
    await ann.timeline.waits_for_message("look")
    await story.step(
        "A file is saved.", ann.timeline.clicks_in_message("look", "plans.pdf"), expects="< fd"
    )
    await ann.sidebar.opens_room("Garden")
    await ann.room_dialog.opens()
    await story.step(
        "The room is archived.", ann.dialog.clicks("Archive this room"), expects=("< w1", "< ft0")
    )
    await ann.room_dialog.opens()
    await story.step(
        "The room is reopened.", ann.dialog.clicks("Reopen this room"), expects="< ft1"
    )


async def _change_preferences(story: _Story, ann: ChatUser) -> None:
    await ann.clicks("Settings")
    for value, frame in (("dark", "< k0"), ("ctrl+enter", "< k1")):
        await ann.until(lambda: ann.find("SegmentedButton"))
        buttons = next(
            each
            for each in ann.find("SegmentedButton")
            if value in [segment["value"] for segment in each["segments"]]
        )
        await ann.sets(buttons, selected=[value])
        await story.step(
            f"The preference {value} is chosen.",
            ann.fires(buttons, "change", [value]),
            expects=(frame, "< w1"),
        )
