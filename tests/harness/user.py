"""What a person does in rooms: goes from one to another, and does something with messages."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from tests.harness.client import ROW_HEIGHT, SET, HeadlessClient
from tests.harness.control_tree import Control, is_quote, texts_of


class ChatUser(HeadlessClient):
    """A person who has come in, or is about to."""

    @property
    def room_title(self) -> str:
        """What the header calls the room on the screen."""
        return next((str(each.get("value")) for each in _find_all("Text", self._header)), "")

    @property
    def room_topic(self) -> str:
        """What the header says that the room is about."""
        return str(_find_all("Text", self._header)[1].get("value", ""))

    @property
    def sidebar_rooms(self) -> dict[str, str]:
        """The rooms in the list, and what waits in each: `3`, `3!` if it calls, `muted`."""
        return {_item_title(line): _unread_label(line) for line in self._room_items}

    @property
    def selected_room(self) -> str | None:
        """The room that the list marks as the one on the screen."""
        marked = [line for line in self._room_items if line.get("bgcolor") == "secondarycontainer"]
        return _item_title(marked[0]) if marked else None

    @property
    def online_people(self) -> list[str]:
        """Who is here, as the list says."""
        items = [
            line for line in self._sidebar_items if _row_controls(line) and _find_all("Stack", line)
        ]
        return [_item_title(line) for line in items]

    @property
    def away_people(self) -> list[str]:
        """Who of them does not look, as the list says."""
        items = [
            line for line in self._sidebar_items if _row_controls(line) and _find_all("Stack", line)
        ]
        return [_item_title(line) for line in items if line.get("tooltip") == "away"]

    @property
    def timeline_without_divider(self) -> list[str]:
        """What the timeline shows, without the line where this person began to read."""
        return [text for text in self.timeline_texts if text != "New messages"]

    @property
    def screen_state(self) -> object:
        """All that a fresh tab shows, too."""
        other_rooms = {
            title: waits for title, waits in self.sidebar_rooms.items() if title != self.room_title
        }
        return self.room_title, self.selected_room, other_rooms, self.timeline_without_divider

    @property
    def snackbar_texts(self) -> list[str]:
        """The sentences at the bottom that nobody has taken away yet."""
        return [text for bar in self.find("SnackBar") for text in texts_of(bar)]

    @property
    def dialog(self) -> Control | None:
        """The dialog that is open."""
        found = self.find("AlertDialog", open=True)
        return found[-1] if found else None

    async def waits_for_snackbar(self, text: str) -> None:
        """Wait for a sentence at the bottom, and until it has gone."""
        await self.until(lambda: any(text in each for each in self.snackbar_texts))
        for bar in self.find("SnackBar"):
            await self.dismisses(bar)

    async def waits_for_composer_text(self, text: str) -> None:
        """Wait until these words stand in the composer."""
        await self.until(lambda: self.composer is not None and self.composer_text == text)

    async def starts_editing_last_message(self, text: str) -> None:
        """Arrow up in the empty field: what was said last stands in it, to be said otherwise."""
        await self.presses("up")
        await self.waits_for_composer_text(text)

    async def waits_for_completions(self, typed: str, *choices: str) -> None:
        """Type, and wait until these stand above the field, the one that is chosen with a star."""
        await self.types(typed)
        await self.until(lambda: self.completions == list(choices))

    async def waits_until_draft_saved(self, draft: str, other_room: str, room: str) -> None:
        """Go to and fro between two rooms until these words are those of the second."""
        async with asyncio.timeout(5):
            while self.composer_text != draft:
                await self.opens_room(other_room)
                await self.opens_room(room)

    async def waits_until(self, condition: Callable[["ChatUser"], Any]) -> None:
        """Wait until something is true of this person's screen."""
        await self.until(lambda: condition(self))

    async def waits_for_partial_text(self, part: str) -> None:
        """Wait until a text that holds these words is on the screen."""
        await self.until(lambda: self.sees_partial(part))

    async def waits_for_typing_status(self, text: str) -> None:
        """Wait until the line below the timeline says this."""
        await self.until(lambda: self.typing_status == text)

    async def waits_for_sidebar_room(self, title: str, unread: str = "") -> None:
        """Wait until a room is in the list, and so much waits in it."""
        await self.until(lambda: self.sidebar_rooms.get(title) == unread)

    async def waits_until_room_gone(self, title: str) -> None:
        """Wait until a room is not in the list any more."""
        await self.until(lambda: title not in self.sidebar_rooms)

    async def waits_until_read_only(self) -> None:
        """Wait until the field is closed, with the reason below it."""
        await self.until(lambda: self.composer_field.get("disabled"))
        assert self.sees_partial("This room is archived")
        assert self.room_topic.startswith("Archived.")

    async def waits_until_writable(self) -> None:
        """Wait until the field is open."""
        await self.until(lambda: not self.composer_field.get("disabled"))
        assert not self.sees_partial("This room is archived")

    async def waits_until_same_screen_as(self, other: "ChatUser") -> None:
        """Wait until the screen is like the other's."""
        try:
            await self.until(lambda: self.screen_state == other.screen_state)
        except AssertionError:
            assert self.screen_state == other.screen_state

    async def opens_room(self, title: str) -> None:
        """Click a room in the list, and wait until it is on the screen."""
        await self.clicks_sidebar_room(title)
        with contextlib.suppress(AssertionError):
            await self.until(lambda: self.is_in_room(title), seconds=2)
            return
        # A line that was just drawn anew was another one: one clicks again.
        await self.clicks_sidebar_room(title)
        await self.until(lambda: self.is_in_room(title))

    async def clicks_sidebar_room(self, title: str) -> None:
        """Click a room in the list."""
        await self.until(lambda: title in self.sidebar_rooms)
        await self.fires(next(x for x in self._room_items if _item_title(x) == title), "click")

    def is_in_room(self, title: str) -> bool:
        """Whether a room is on the screen, in the header, in the list and by its beginning."""
        return (
            self.room_title == title
            and self.selected_room in {title, None}
            and bool(self.timeline_texts)
        )

    async def opens_direct_conversation(self, name: str) -> None:
        """Click a person in the list, and wait for the conversation."""
        await self.until(lambda: name in self.online_people)
        items = [
            each
            for each in self._sidebar_items
            if _find_all("Stack", each) and _item_title(each) == name
        ]
        await self.fires(items[0], "click")
        await self.until(lambda: self.room_title == name)

    async def creates_room(self, title: str, topic: str = "", *, private: bool = False) -> None:
        """Make a room in the dialog of all rooms, and wait until it is on the screen."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        await self.fills(self.find("TextField", label="Name of a new room")[-1], title)
        await self.fills(self.find("TextField", label="What it is about")[-1], topic)
        if private:
            switch = self.find("Switch")[-1]
            await self.send_frame(SET, {"id": switch["_i"], "props": {"value": True}})
        await self.clicks("Make room")
        await self.until(lambda: self.room_title == title and self.dialog is None)

    async def tries_to_create_room(self, title: str) -> None:
        """Ask for a room of this name in the dialog of all rooms."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        await self.fills(self.find("TextField", label="Name of a new room")[-1], title)
        await self.clicks("Make room")

    async def lists_all_rooms(self) -> list[str]:
        """What the dialog of all rooms lists."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        items = [each for each in self._dialog_items() if _row_controls(each)]
        found = [_item_title(line) for line in items]
        await self.clicks("Close")
        await self.until(lambda: self.dialog is None)
        return found

    async def joins_room(self, title: str) -> None:
        """Choose a room in the dialog of all rooms."""
        await self.clicks("Rooms: new and all")
        await self.chooses_dialog_item(title)
        await self.until(lambda: self.is_in_room(title))

    async def searches_without_result(self, query: str) -> None:
        """Search, and wait until it is said that nothing was found."""
        await self.clicks("Search messages")
        await self.until(lambda: self.find("TextField", hint_text="Search messages"))
        field = self.find("TextField", hint_text="Search messages")[-1]
        await self.fills(field, query)
        await self.fires(field, "change", query)
        await self.waits_for_partial_text("Nothing was found for")
        await self.closes_dialog()

    async def types_into_quick_switcher(self, part: str, *found: str) -> None:
        """Ctrl+K: wait until just these are found for a part of a name; it stays open."""
        if not self.find("TextField", hint_text="Go to a room or a person"):
            await self.presses("jump")
            await self.until(lambda: self.find("TextField", hint_text="Go to a room or a person"))
        field = self.find("TextField", hint_text="Go to a room or a person")[-1]
        await self.fills(field, part)
        await self.fires(field, "change", part)
        await self.until(
            lambda: [_item_title(x) for x in self._dialog_items() if _row_controls(x)] == [*found]
        )

    @property
    def selected_items(self) -> list[str]:
        """The lines that are chosen in the dialog that is open."""
        items = [each for each in self._dialog_items() if _row_controls(each)]
        return [_item_title(each) for each in items if each.get("bgcolor")]

    async def dismisses_dialog(self) -> None:
        """Escape, or a click beside the dialog."""
        assert self.dialog is not None
        await self.dismisses(self.dialog)

    async def chooses_dialog_item(self, text: str) -> None:
        """Click a line of the dialog that is open, by a text in it."""

        def find_item() -> Control | None:
            return next((each for each in self._dialog_items() if text in texts_of(each)), None)

        await self.until(find_item)
        item = find_item()
        assert item is not None
        await self.fires(item, "click")

    async def submits_room_field(self, label: str, value: str) -> None:
        """Put something into a field of the dialog about this room, and press Enter."""
        await self.opens_room_dialog()
        field = self.find("TextField", label=label)[-1]
        await self.fills(field, value)
        await self.fires(field, "submit")

    async def opens_room_dialog(self) -> None:
        """Open the dialog about this room, unless it is."""
        if self.dialog is None:
            await self.clicks("About this room")
            await self.until(lambda: self.dialog is not None)

    async def closes_dialog(self) -> None:
        """Close the dialog that is open."""
        await self.clicks("Close")
        await self.until(lambda: self.dialog is None)

    async def sets_notification_level(self, level: str) -> None:
        """Choose what of this room is to count: `all`, `mentions` or `nothing`."""
        await self.opens_room_dialog()
        group = self.find("RadioGroup")[-1]
        await self.send_frame(SET, {"id": group["_i"], "props": {"value": level}})
        await self.fires(group, "change", level)
        await self.closes_dialog()

    async def runs_message_action(self, text: str, action: str) -> None:
        """Ask what can be done with a message, and do it."""
        await self.opens_message_menu(text)
        await self.clicks(action)
        await self.until(lambda: self.dialog is None)

    async def deletes_message(self, text: str) -> None:
        """Delete a message, and be sure."""
        await self.opens_message_menu(text)
        await self.clicks("Delete")
        await self.clicks_in_dialog("Delete for everyone? It cannot be brought back.")

    async def clicks_in_dialog(self, label: str) -> None:
        """Click a button of the dialog, and wait until that is closed."""
        await self.clicks(label)
        await self.until(lambda: self.dialog is None)

    async def message_actions(self, text: str) -> list[str]:
        """What the dialog of a message offers."""
        await self.opens_message_menu(text)
        await self.until(lambda: self.dialog is not None)
        found = [str(each.get("content")) for each in _find_all("TextButton", self.dialog)]
        await self.closes_dialog()
        return [each for each in found if each not in {"Close", "None"}]

    async def reacts_to(self, text: str, emoji: str) -> None:
        """Put an emoji below a message, by the dialog."""
        await self.opens_message_menu(text)
        await self.until(lambda: self.dialog is not None)
        if not self.reaction_button(emoji):
            await self.clicks("More emoji")
            await self.picks_emoji(emoji)
            return
        await self.fires(self.reaction_button(emoji), "click")
        await self.until(lambda: self.dialog is None)

    @property
    def picker_emoji(self) -> list[str]:
        """The emoji that the picker shows."""
        return [str(each["content"]["value"]) for each in self._emoji_cells]

    @property
    def _emoji_cells(self) -> list[Control]:
        return [each for each in _find_all("Container", self.dialog) if each.get("width") == 41]

    async def searches_emoji(self, query: str) -> None:
        """Write into the picker's field."""
        hint = "Search, or paste an emoji"
        await self.until(lambda: self.find("TextField", hint_text=hint))
        field = self.find("TextField", hint_text=hint)[-1]
        await self.fills(field, query)
        await self.fires(field, "change", query)

    async def picks_emoji(self, emoji: str) -> None:
        """Find an emoji in the picker, and click it."""
        await self.searches_emoji(emoji)
        await self.until(lambda: self.picker_emoji == [emoji])
        await self.clicks_emoji(emoji)
        await self.until(lambda: self.dialog is None)

    async def clicks_tooltip(self, tooltip: str) -> None:
        """Click what has this tooltip and is no button."""
        await self.until(lambda: _find_all("Container", self.dialog, tooltip=tooltip))
        await self.fires(_find_all("Container", self.dialog, tooltip=tooltip)[0], "click")

    async def clicks_emoji(self, emoji: str) -> None:
        """Click an emoji that the picker shows."""
        await self.until(lambda: emoji in self.picker_emoji)
        cell = next(each for each in self._emoji_cells if each["content"]["value"] == emoji)
        await self.fires(cell, "click")

    def reactions(self, text: str) -> dict[str, tuple[int, bool, str]]:
        """What is below a message: the emoji, how many, whether it is marked as own, who."""
        found = dict[str, tuple[int, bool, str]]()
        for each in _find_all("Container", self.row(text)):
            if "reacted with" in str(each.get("tooltip")):
                emoji, count = str(each["content"]["value"]).split(" ")
                own = each["border"]["left"]["color"] == "primary"
                found[emoji] = int(count), own, str(each["tooltip"])
        return found

    def reaction_chip(self, text: str, emoji: str) -> Control:
        """The chip of a reaction below a message."""
        (chip,) = (
            each
            for each in _find_all("Container", self.row(text))
            if "reacted with" in str(each.get("tooltip")) and emoji in texts_of(each)[0]
        )
        return chip

    def poll_options(self, question: str) -> list[Control]:
        """The options of a poll."""
        return [each for each in _find_all("Container", self.row(question)) if each.get("gradient")]

    def reaction_button(self, emoji: str) -> Control:
        """The button of an emoji in the dialog, or nothing."""
        found = _find_all("Container", self.dialog, tooltip=f"React with {emoji}")
        return found[0] if found else {}

    def quote_in(self, text: str) -> str:
        """What a message quotes: the name and the words."""
        found = [each for each in _find_all("Container", self.row(text)) if is_quote(each)]
        return " ".join(texts_of(found[0])) if found else ""

    async def opens_thread(self, title: str) -> None:
        """Click a thread in the list on the left."""
        await self.clicks_sidebar_room(title)
        await self.until(lambda: self.room_title == "Thread")

    def has_continuous_lines(self) -> bool:
        """Whether the lines that are numbered are so without a gap."""
        line_numbers = [int(t.split()[1]) for t in self.timeline_texts if t.startswith("line ")]
        return line_numbers == list(range(line_numbers[0], line_numbers[0] + len(line_numbers)))

    async def waits_for_reaction(self, text: str, emoji: str) -> None:
        """Wait until an emoji is below a message."""
        await self.until(lambda: emoji in self.reactions(text))

    async def clicks_in_message(self, text: str, part: str) -> None:
        """Click the part of a message's row that says `part`: a chip, its thread, its quote."""

        def parts_with_text() -> list[Control]:
            parts = _find_all("Container", self.row(text), on_click=True)
            return [each for each in parts if part in " ".join(texts_of(each))]

        await self.until(parts_with_text)
        await self.fires(parts_with_text()[-1], "click")

    def is_target_row(self, text: str) -> bool:
        """Whether a row is coloured, because an address led to it."""
        return bool(_find_all("Container", self.row(text), bgcolor="tertiarycontainer"))

    def unread_begins_at(self, text: str) -> bool:
        """Whether what is new begins with this message."""
        return (
            "New messages" in texts_of(self.row(text))
            and self.timeline_texts.count("New messages") == 1
        )

    def is_mention_row(self, text: str) -> bool:
        """Whether a row is coloured, because it calls this person."""
        parts = _find_all("Container", self.row(text))
        return any("tertiary," in str(each.get("bgcolor")) for each in parts)

    async def scrolls_up(self, rows: float = 20) -> None:
        """Scroll so many rows up from the bottom, or as far as it goes."""
        await self.scrolls_list(self.find("ListView", reverse=True)[0], rows * ROW_HEIGHT)

    async def scrolls_to_end(self) -> None:
        """Scroll to the bottom."""
        await self.scrolls_up(0)

    async def scrolls_down_past(self, last_text: str) -> None:
        """Scroll to the bottom, and wait until something else than this stands there."""
        await self.scrolls_to_end()
        await self.until(lambda: self.timeline_texts[-1] != last_text)

    @property
    def completions(self) -> list[str]:
        """Whom the list above the field offers; the marked one has a star."""
        items = [each for each in self.find("Container", on_click=True) if each.get("padding")]
        visible_items = [
            each for each in items if each.get("border_radius") == 8 and _row_controls(each)
        ]
        return [
            _item_title(each) + ("*" if each.get("bgcolor") == "secondarycontainer" else "")
            for each in visible_items
        ]

    async def clicks_completion(self, name: str) -> None:
        """Click a name in the list above the field."""
        items = self.find("Container", on_click=True, border_radius=8)
        await self.fires(next(each for each in items if _item_title(each) == name), "click")

    @property
    def typing_status(self) -> str:
        """The line that says who is typing."""
        found = [each for each in self.find("Text", height=16) if each.get("value")]
        return str(found[0]["value"]) if found else ""

    @property
    def _header(self) -> Control:
        found = self.find("Row", height=44)
        return found[0] if found else {}

    @property
    def _sidebar_items(self) -> list[Control]:
        """The lines of the list on the left."""
        lists = [x for x in self.find("ListView") if not x.get("reverse") and _is_sidebar(x)]
        return [line for each in lists for line in _find_all("Container", each, on_click=True)]

    @property
    def _room_items(self) -> list[Control]:
        return [
            line
            for line in self._sidebar_items
            if _row_controls(line) and not _find_all("Stack", line)
        ]

    def _dialog_items(self) -> list[Control]:
        return _find_all("Container", self.dialog, on_click=True)


def _is_sidebar(found: Control) -> bool:
    return "People" in texts_of(found)


def _find_all(kind: str, within: Any, **props: Any) -> list[Control]:
    """The controls of a kind with these properties in a control, in the order of the tree."""
    found: list[Control] = []
    _walk(within, lambda each: found.append(each) if _matches(each, kind, props) else None)
    return found


def _matches(control: Control, kind: str, props: dict[str, Any]) -> bool:
    return control.get("_c") == kind and all(control.get(k) == v for k, v in props.items())


def _walk(value: Any, visit: Callable[[Control], object]) -> None:
    if isinstance(value, dict):
        visit(value)
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            _walk(inner, visit)


def _row_controls(item: Control) -> list[Control]:
    """What stands side by side in a line; nothing if it is no such line."""
    content = item.get("content")
    if isinstance(content, dict) and content.get("_c") == "Row":
        return list(content.get("controls", []))
    return []


def _item_title(item: Control) -> str:
    for part in _row_controls(item):
        text_control = part["controls"][0] if part.get("_c") == "Column" else part
        if text_control.get("_c") == "Text":
            return str(text_control["value"])
    return ""


def _unread_label(item: Control) -> str:
    last = _row_controls(item)[-1]
    if last.get("_c") == "Container":
        highlighted = last.get("bgcolor") == "primary"
        return str(last["content"]["value"]) + ("!" if highlighted else "")
    return "muted" if last.get("_c") == "Icon" else ""
