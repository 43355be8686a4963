"""What a person does in rooms: goes from one to another, and does something with messages."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from tests.harness.client import ROW_HEIGHT, SET, Person
from tests.harness.control_tree import Control, is_quote, texts_of


class Resident(Person):
    """A person who has come in, or is about to."""

    @property
    def title(self) -> str:
        """What the header calls the room on the screen."""
        return next((str(each.get("value")) for each in _all("Text", self._header)), "")

    @property
    def about(self) -> str:
        """What the header says that the room is about."""
        return str(_all("Text", self._header)[1].get("value", ""))

    @property
    def places(self) -> dict[str, str]:
        """The rooms in the list, and what waits in each: `3`, `3!` if it calls, `muted`."""
        return {_title(line): _waits(line) for line in self._room_lines}

    @property
    def place(self) -> str | None:
        """The room that the list marks as the one on the screen."""
        marked = [line for line in self._room_lines if line.get("bgcolor") == "secondarycontainer"]
        return _title(marked[0]) if marked else None

    @property
    def people(self) -> list[str]:
        """Who is here, as the list says."""
        lines = [line for line in self._lines if _row_of(line) and _all("Stack", line)]
        return [_title(line) for line in lines]

    @property
    def away(self) -> list[str]:
        """Who of them does not look, as the list says."""
        lines = [line for line in self._lines if _row_of(line) and _all("Stack", line)]
        return [_title(line) for line in lines if line.get("tooltip") == "away"]

    @property
    def said(self) -> list[str]:
        """What the timeline shows, without the line where this person began to read."""
        return [text for text in self.talk if text != "New messages"]

    @property
    def picture(self) -> object:
        """All that a fresh tab shows, too."""
        places = {title: waits for title, waits in self.places.items() if title != self.title}
        return self.title, self.place, places, self.said

    @property
    def snack(self) -> list[str]:
        """The sentences at the bottom that nobody has taken away yet."""
        return [text for bar in self.find("SnackBar") for text in texts_of(bar)]

    @property
    def dialog(self) -> Control | None:
        """The dialog that is open."""
        found = self.find("AlertDialog", open=True)
        return found[-1] if found else None

    async def is_told(self, words: str) -> None:
        """Wait for a sentence at the bottom, and until it has gone."""
        await self.until(lambda: any(words in each for each in self.snack))
        for bar in self.find("SnackBar"):
            await self.dismisses(bar)

    async def has_words(self, words: str) -> None:
        """Wait until these words stand in the composer."""
        await self.until(lambda: self.composer is not None and self.words == words)

    async def takes_up(self, words: str) -> None:
        """Arrow up in the empty field: what was said last stands in it, to be said otherwise."""
        await self.presses("up")
        await self.has_words(words)

    async def is_offered(self, typed: str, *choices: str) -> None:
        """Type, and wait until these stand above the field, the one that is chosen with a star."""
        await self.types(typed)
        await self.until(lambda: self.suggested == list(choices))

    async def until_kept(self, words: str, elsewhere: str, there: str) -> None:
        """Go to and fro between two rooms until these words are those of the second."""
        async with asyncio.timeout(5):
            while self.words != words:
                await self.opens_room(elsewhere)
                await self.opens_room(there)

    async def shows(self, seen: Callable[["Resident"], Any]) -> None:
        """Wait until something is true of this person's screen."""
        await self.until(lambda: seen(self))

    async def sees_part(self, words: str) -> None:
        """Wait until a text that holds these words is on the screen."""
        await self.until(lambda: self.sees_any(words))

    async def sees_typing(self, words: str) -> None:
        """Wait until the line below the timeline says this."""
        await self.until(lambda: self.typing == words)

    async def has_place(self, title: str, waits: str = "") -> None:
        """Wait until a room is in the list, and so much waits in it."""
        await self.until(lambda: self.places.get(title) == waits)

    async def loses_place(self, title: str) -> None:
        """Wait until a room is not in the list any more."""
        await self.until(lambda: title not in self.places)

    async def may_not_write(self) -> None:
        """Wait until the field is closed, with the reason below it."""
        await self.until(lambda: self.field.get("disabled"))
        assert self.sees_any("This room is archived")
        assert self.about.startswith("Archived.")

    async def may_write(self) -> None:
        """Wait until the field is open."""
        await self.until(lambda: not self.field.get("disabled"))
        assert not self.sees_any("This room is archived")

    async def is_pictured_as(self, other: "Resident") -> None:
        """Wait until the screen is like the other's."""
        try:
            await self.until(lambda: self.picture == other.picture)
        except AssertionError:
            assert self.picture == other.picture

    async def opens_room(self, title: str) -> None:
        """Click a room in the list, and wait until it is on the screen."""
        await self.clicks_place(title)
        with contextlib.suppress(AssertionError):
            await self.until(lambda: self.stands_in(title), seconds=2)
            return
        # A line that was just drawn anew was another one: one clicks again.
        await self.clicks_place(title)
        await self.until(lambda: self.stands_in(title))

    async def clicks_place(self, title: str) -> None:
        """Click a room in the list."""
        await self.until(lambda: title in self.places)
        await self.event(next(x for x in self._room_lines if _title(x) == title), "click")

    def stands_in(self, title: str) -> bool:
        """Whether a room is on the screen, in the header, in the list and by its beginning."""
        return self.title == title and self.place in {title, None} and bool(self.talk)

    async def talks_to(self, name: str) -> None:
        """Click a person in the list, and wait for the conversation."""
        await self.until(lambda: name in self.people)
        lines = [each for each in self._lines if _all("Stack", each) and _title(each) == name]
        await self.event(lines[0], "click")
        await self.until(lambda: self.title == name)

    async def makes_room(self, title: str, topic: str = "", *, private: bool = False) -> None:
        """Make a room in the dialog of all rooms, and wait until it is on the screen."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        await self.fills(self.find("TextField", label="Name of a new room")[-1], title)
        await self.fills(self.find("TextField", label="What it is about")[-1], topic)
        if private:
            switch = self.find("Switch")[-1]
            await self._send(SET, {"id": switch["_i"], "props": {"value": True}})
        await self.clicks("Make room")
        await self.until(lambda: self.title == title and self.dialog is None)

    async def tries_to_make(self, title: str) -> None:
        """Ask for a room of this name in the dialog of all rooms."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        await self.fills(self.find("TextField", label="Name of a new room")[-1], title)
        await self.clicks("Make room")

    async def browses(self) -> list[str]:
        """What the dialog of all rooms lists."""
        await self.clicks("Rooms: new and all")
        await self.until(lambda: self.find("TextField", label="Name of a new room"))
        lines = [each for each in self._dialog_lines() if _row_of(each)]
        found = [_title(line) for line in lines]
        await self.clicks("Close")
        await self.until(lambda: self.dialog is None)
        return found

    async def joins(self, title: str) -> None:
        """Choose a room in the dialog of all rooms."""
        await self.clicks("Rooms: new and all")
        await self.chooses(title)
        await self.until(lambda: self.stands_in(title))

    async def searches(self, words: str) -> None:
        """Search, and wait until it is said that nothing was found."""
        await self.clicks("Search messages")
        await self.until(lambda: self.find("TextField", hint_text="Search messages"))
        field = self.find("TextField", hint_text="Search messages")[-1]
        await self.fills(field, words)
        await self.event(field, "change", words)
        await self.sees_part("Nothing was found for")
        await self.closes()

    async def jumps(self, part: str, *found: str) -> None:
        """Ctrl+K: wait until just these are found for a part of a name; it stays open."""
        if not self.find("TextField", hint_text="Go to a room or a person"):
            await self.presses("jump")
            await self.until(lambda: self.find("TextField", hint_text="Go to a room or a person"))
        field = self.find("TextField", hint_text="Go to a room or a person")[-1]
        await self.fills(field, part)
        await self.event(field, "change", part)
        await self.until(
            lambda: [_title(x) for x in self._dialog_lines() if _row_of(x)] == [*found]
        )

    @property
    def chosen(self) -> list[str]:
        """The lines that are chosen in the dialog that is open."""
        lines = [each for each in self._dialog_lines() if _row_of(each)]
        return [_title(each) for each in lines if each.get("bgcolor")]

    async def escapes(self) -> None:
        """Escape, or a click beside the dialog."""
        assert self.dialog is not None
        await self.dismisses(self.dialog)

    async def chooses(self, words: str) -> None:
        """Click a line of the dialog that is open, by a text in it."""

        def line() -> Control | None:
            return next((each for each in self._dialog_lines() if words in texts_of(each)), None)

        await self.until(line)
        found = line()
        assert found is not None
        await self.event(found, "click")

    async def writes_about(self, label: str, value: str) -> None:
        """Put something into a field of the dialog about this room, and press Enter."""
        await self.opens_about()
        field = self.find("TextField", label=label)[-1]
        await self.fills(field, value)
        await self.event(field, "submit")

    async def opens_about(self) -> None:
        """Open the dialog about this room, unless it is."""
        if self.dialog is None:
            await self.clicks("About this room")
            await self.until(lambda: self.dialog is not None)

    async def closes(self) -> None:
        """Close the dialog that is open."""
        await self.clicks("Close")
        await self.until(lambda: self.dialog is None)

    async def heeds(self, what: str) -> None:
        """Choose what of this room is to count: `all`, `mentions` or `nothing`."""
        await self.opens_about()
        group = self.find("RadioGroup")[-1]
        await self._send(SET, {"id": group["_i"], "props": {"value": what}})
        await self.event(group, "change", what)
        await self.closes()

    async def acts(self, text: str, action: str) -> None:
        """Ask what can be done with a message, and do it."""
        await self.touches(text)
        await self.clicks(action)
        await self.until(lambda: self.dialog is None)

    async def deletes(self, text: str) -> None:
        """Delete a message, and be sure."""
        await self.touches(text)
        await self.clicks("Delete")
        await self.acts_on("Delete for everyone? It cannot be brought back.")

    async def acts_on(self, words: str) -> None:
        """Click a button of the dialog, and wait until that is closed."""
        await self.clicks(words)
        await self.until(lambda: self.dialog is None)

    async def can(self, text: str) -> list[str]:
        """What the dialog of a message offers."""
        await self.touches(text)
        await self.until(lambda: self.dialog is not None)
        found = [str(each.get("content")) for each in _all("TextButton", self.dialog)]
        await self.closes()
        return [each for each in found if each not in {"Close", "None"}]

    async def reacts(self, text: str, emoji: str) -> None:
        """Put an emoji below a message, by the dialog."""
        await self.touches(text)
        await self.until(lambda: self.dialog is not None)
        if not self.button(emoji):
            await self.clicks("More emoji")
            await self.picks(emoji)
            return
        await self.event(self.button(emoji), "click")
        await self.until(lambda: self.dialog is None)

    @property
    def offered(self) -> list[str]:
        """The emoji that the picker shows."""
        return [str(each["content"]["value"]) for each in self._cells]

    @property
    def _cells(self) -> list[Control]:
        return [each for each in _all("Container", self.dialog) if each.get("width") == 41]

    async def searches_emoji(self, words: str) -> None:
        """Write into the picker's field."""
        hint = "Search, or paste an emoji"
        await self.until(lambda: self.find("TextField", hint_text=hint))
        field = self.find("TextField", hint_text=hint)[-1]
        await self.fills(field, words)
        await self.event(field, "change", words)

    async def picks(self, emoji: str) -> None:
        """Find an emoji in the picker, and click it."""
        await self.searches_emoji(emoji)
        await self.until(lambda: self.offered == [emoji])
        await self.takes_emoji(emoji)
        await self.until(lambda: self.dialog is None)

    async def clicks_hint(self, tooltip: str) -> None:
        """Click what has this tooltip and is no button."""
        await self.until(lambda: _all("Container", self.dialog, tooltip=tooltip))
        await self.event(_all("Container", self.dialog, tooltip=tooltip)[0], "click")

    async def takes_emoji(self, emoji: str) -> None:
        """Click an emoji that the picker shows."""
        await self.until(lambda: emoji in self.offered)
        cell = next(each for each in self._cells if each["content"]["value"] == emoji)
        await self.event(cell, "click")

    def chips(self, text: str) -> dict[str, tuple[int, bool, str]]:
        """What is below a message: the emoji, how many, whether it is marked as own, who."""
        found = dict[str, tuple[int, bool, str]]()
        for each in _all("Container", self.row(text)):
            if "reacted with" in str(each.get("tooltip")):
                emoji, count = str(each["content"]["value"]).split(" ")
                own = each["border"]["left"]["color"] == "primary"
                found[emoji] = int(count), own, str(each["tooltip"])
        return found

    def bars(self, question: str) -> list[Control]:
        """The options of a poll."""
        return [each for each in _all("Container", self.row(question)) if each.get("gradient")]

    def button(self, emoji: str) -> Control:
        """The button of an emoji in the dialog, or nothing."""
        found = _all("Container", self.dialog, tooltip=f"React with {emoji}")
        return found[0] if found else {}

    def quoted(self, text: str) -> str:
        """What a message quotes: the name and the words."""
        found = [each for each in _all("Container", self.row(text)) if is_quote(each)]
        return " ".join(texts_of(found[0])) if found else ""

    async def opens_thread(self, title: str) -> None:
        """Click a thread in the list on the left."""
        await self.clicks_place(title)
        await self.until(lambda: self.title == "Thread")

    def is_continuous(self) -> bool:
        """Whether the lines that are numbered are so without a gap."""
        lines = [int(t.split()[1]) for t in self.talk if t.startswith("line ")]
        return lines == list(range(lines[0], lines[0] + len(lines)))

    async def has_chip(self, text: str, emoji: str) -> None:
        """Wait until an emoji is below a message."""
        await self.until(lambda: emoji in self.chips(text))

    async def taps(self, text: str, part: str) -> None:
        """Click the part of a message's row that says `part`: a chip, its thread, its quote."""

        def found() -> list[Control]:
            parts = _all("Container", self.row(text), on_click=True)
            return [each for each in parts if part in " ".join(texts_of(each))]

        await self.until(found)
        await self.event(found()[-1], "click")

    def is_marked(self, text: str) -> bool:
        """Whether a row is coloured, because an address led to it."""
        return bool(_all("Container", self.row(text), bgcolor="tertiarycontainer"))

    def begins_at(self, text: str) -> bool:
        """Whether what is new begins with this message."""
        return "New messages" in texts_of(self.row(text)) and self.talk.count("New messages") == 1

    def is_called(self, text: str) -> bool:
        """Whether a row is coloured, because it calls this person."""
        parts = _all("Container", self.row(text))
        return any("tertiary," in str(each.get("bgcolor")) for each in parts)

    async def goes_up(self, rows: float = 20) -> None:
        """Scroll so many rows up from the bottom, or as far as it goes."""
        await self.scrolls_in(self.find("ListView", reverse=True)[0], rows * ROW_HEIGHT)

    async def goes_down(self) -> None:
        """Scroll to the bottom."""
        await self.goes_up(0)

    async def goes_down_from(self, last: str) -> None:
        """Scroll to the bottom, and wait until something else than this stands there."""
        await self.goes_down()
        await self.until(lambda: self.talk[-1] != last)

    @property
    def suggested(self) -> list[str]:
        """Whom the list above the field offers; the marked one has a star."""
        lines = [each for each in self.find("Container", on_click=True) if each.get("padding")]
        shown = [each for each in lines if each.get("border_radius") == 8 and _row_of(each)]
        return [
            _title(each) + ("*" if each.get("bgcolor") == "secondarycontainer" else "")
            for each in shown
        ]

    async def takes(self, name: str) -> None:
        """Click a name in the list above the field."""
        lines = self.find("Container", on_click=True, border_radius=8)
        await self.event(next(each for each in lines if _title(each) == name), "click")

    @property
    def typing(self) -> str:
        """The line that says who is typing."""
        found = [each for each in self.find("Text", height=16) if each.get("value")]
        return str(found[0]["value"]) if found else ""

    @property
    def _header(self) -> Control:
        found = self.find("Row", height=44)
        return found[0] if found else {}

    @property
    def _lines(self) -> list[Control]:
        """The lines of the list on the left."""
        lists = [x for x in self.find("ListView") if not x.get("reverse") and _is_places(x)]
        return [line for each in lists for line in _all("Container", each, on_click=True)]

    @property
    def _room_lines(self) -> list[Control]:
        return [line for line in self._lines if _row_of(line) and not _all("Stack", line)]

    def _dialog_lines(self) -> list[Control]:
        return _all("Container", self.dialog, on_click=True)


def _is_places(found: Control) -> bool:
    return "People" in texts_of(found)


def _all(kind: str, inside: Any, **props: Any) -> list[Control]:
    """The controls of a kind with these properties in a control, in the order of the tree."""
    found: list[Control] = []
    _walk(inside, lambda each: found.append(each) if _is(each, kind, props) else None)
    return found


def _is(control: Control, kind: str, props: dict[str, Any]) -> bool:
    return control.get("_c") == kind and all(control.get(k) == v for k, v in props.items())


def _walk(value: Any, call: Callable[[Control], object]) -> None:
    if isinstance(value, dict):
        call(value)
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            _walk(inner, call)


def _row_of(line: Control) -> list[Control]:
    """What stands side by side in a line; nothing if it is no such line."""
    content = line.get("content")
    if isinstance(content, dict) and content.get("_c") == "Row":
        return list(content.get("controls", []))
    return []


def _title(line: Control) -> str:
    for part in _row_of(line):
        said = part["controls"][0] if part.get("_c") == "Column" else part
        if said.get("_c") == "Text":
            return str(said["value"])
    return ""


def _waits(line: Control) -> str:
    last = _row_of(line)[-1]
    if last.get("_c") == "Container":
        loud = last.get("bgcolor") == "primary"
        return str(last["content"]["value"]) + ("!" if loud else "")
    return "muted" if last.get("_c") == "Icon" else ""
