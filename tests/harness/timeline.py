"""The timelines of a headless user: the messages of the room, and of the thread beside it."""

from tests.harness.client import ROW_HEIGHT, HeadlessClient
from tests.harness.control_tree import Control, find_all, is_quote, texts_of, without_marks


class Timeline:
    """The list of messages on the screen of one user."""

    def __init__(self, client: HeadlessClient) -> None:
        self._client = client

    @property
    def texts(self) -> list[str]:
        """All texts from the top to the bottom: names, times, messages, dividers."""
        rows = self.rows
        return [text for row in reversed(rows) for text in texts_of(row)]

    @property
    def rows(self) -> list[Control]:
        """The rows of the timeline, the newest first."""
        lists = self._lists
        return list(lists[0].get("controls", [])) if lists else []

    @property
    def _lists(self) -> list[Control]:
        return self._client.find("ListView", reverse=True)

    def row(self, text: str) -> Control | None:
        """The newest row with this text; the text of a quote does not count."""
        return next((row for row in self.rows if text in texts_of(row, quotes=False)), None)

    async def waits_for_message(self, text: str) -> None:
        """Wait until a text is in the timeline."""
        await self._client.until(lambda: text in self.texts)

    async def waits_until_message_gone(self, text: str) -> None:
        """Wait until a text is not in the timeline any more."""
        await self._client.until(lambda: text not in self.texts)

    async def waits_until_grows(self, than: int) -> None:
        """Wait until the timeline shows more than `than` texts."""
        await self._client.until(lambda: len(self.texts) > than)

    @property
    def day_at_top(self) -> str:
        """The day at the upper edge, while the timeline is scrolled up; else an empty text."""
        return "".join(
            text for each in self._day_pills if each.get("visible", True) for text in texts_of(each)
        )

    @property
    def _day_pills(self) -> list[Control]:
        """The day at the upper edge as a control, if it was ever shown."""
        rows = self._client.find("Row", left=0, right=0)
        return [each for each in rows if find_all("Container", each, ink=True)]

    async def clicks_day_at_top(self) -> None:
        """Click the day at the upper edge, and wait for the calendar."""
        (button,) = find_all("Container", self._day_pills[0], ink=True)
        await self._client.fires(button, "click")
        await self._client.waits_for_control("DatePicker", open=True)

    @property
    def texts_without_divider(self) -> list[str]:
        """All texts except the divider above the first unread message."""
        return [text for text in self.texts if text != "New messages"]

    def has_continuous_lines(self) -> bool:
        """Whether the messages `line 1`, `line 2` … have no gap."""
        line_numbers = [int(t.split()[1]) for t in self.texts if t.startswith("line ")]
        return line_numbers == list(range(line_numbers[0], line_numbers[0] + len(line_numbers)))

    def reactions(self, text: str) -> dict[str, tuple[int, bool, str]]:
        """The reactions of a message by emoji: count, whether marked as own, and tooltip."""
        reactions = dict[str, tuple[int, bool, str]]()
        for each in find_all("Container", self.row(text)):
            if "reacted with" in str(each.get("tooltip")):
                emoji, count = without_marks(str(each["content"]["value"])).split(" ")
                own = each["border"]["left"]["color"] == "primary"
                reactions[emoji] = int(count), own, str(each["tooltip"])
        return reactions

    async def waits_for_reaction(self, text: str, emoji: str) -> None:
        """Wait until a message has a reaction with this emoji."""
        await self._client.until(lambda: emoji in self.reactions(text))

    def reaction_chip(self, text: str, emoji: str) -> Control:
        """The chip of a reaction of a message."""
        (chip,) = (
            each
            for each in find_all("Container", self.row(text))
            if "reacted with" in str(each.get("tooltip")) and emoji in texts_of(each)[0]
        )
        return chip

    def poll_options(self, question: str) -> list[Control]:
        """The options of a poll."""
        return [each for each in find_all("Container", self.row(question)) if each.get("gradient")]

    def quote_in(self, text: str) -> str:
        """The quote in a message: the name and the text."""
        quotes = [each for each in find_all("Container", self.row(text)) if is_quote(each)]
        return " ".join(texts_of(quotes[0])) if quotes else ""

    def is_target_row(self, text: str) -> bool:
        """Whether a row is highlighted as the target of a permalink."""
        return bool(find_all("Container", self.row(text), bgcolor="tertiarycontainer"))

    def is_edited_row(self, text: str) -> bool:
        """Whether a row is marked as the one that this user is editing."""
        return bool(find_all("Container", self.row(text), bgcolor="secondarycontainer"))

    @property
    def chosen_row(self) -> Control | None:
        """The row with the ring around the chosen message."""
        return next((each for each in self.rows if _drawn_box(each)), None)

    def has_ring(self, text: str) -> bool:
        """Whether a part of the chosen row has the ring: the one with this text."""
        parts = find_all("Container", self.chosen_row, on_click=True)
        return any(
            each.get("foreground_decoration") and text in " ".join(texts_of(each)) for each in parts
        )

    async def waits_for_chosen(self, text: str) -> None:
        """Wait until a message is chosen, and report, as the real client, that it is drawn."""
        await self._client.until(
            lambda: self.chosen_row is not None and text in texts_of(self.chosen_row)
        )
        await self._client.fires(_drawn_box(self.chosen_row)[0], "size_change", {"w": 1, "h": 40})

    def is_mention_row(self, text: str) -> bool:
        """Whether a row is highlighted as a mention of this user."""
        parts = find_all("Container", self.row(text))
        return any("tertiary," in str(each.get("bgcolor")) for each in parts)

    def unread_begins_at(self, text: str) -> bool:
        """Whether the divider of unread messages is above this message, and nowhere else."""
        return "New messages" in texts_of(self.row(text)) and self.texts.count("New messages") == 1

    async def clicks_in_message(self, text: str, part: str) -> None:
        """Click the part of a row with the text `part`: a reaction, the thread, the quote."""

        def parts_with_text() -> list[Control]:
            parts = find_all("Container", self.row(text), on_click=True)
            return [each for each in parts if part in " ".join(texts_of(each))]

        await self._client.until(parts_with_text)
        await self._client.fires(parts_with_text()[-1], "click")

    async def scrolls(self, pixels: float, extent: float) -> None:
        """Report that the timeline is scrolled to `pixels` above its bottom."""
        await self._client.reports_scroll(self._lists[0], pixels, extent)

    async def reports_height(self, pixels: float) -> None:
        """Report that the timeline is so high now, as the real client does once it was scrolled."""
        (box,) = self._client.find("Container", left=0, width=1, top=0, bottom=0)
        await self._client.fires(box["content"], "size_change", {"w": 1, "h": pixels})

    async def scrolls_up(self, rows: float = 20) -> None:
        """Scroll to this number of rows above the bottom, or as far as it goes."""
        await self._client.scrolls_list(self._lists[0], rows * ROW_HEIGHT)

    async def scrolls_to_end(self) -> None:
        """Scroll to the bottom."""
        await self.scrolls_up(0)

    async def scrolls_down_past(self, last_text: str) -> None:
        """Scroll to the bottom, and wait until another text than this is the last."""
        await self.scrolls_to_end()
        await self._client.until(lambda: self.texts[-1] != last_text)

    @property
    def typing_status(self) -> str:
        """The typing status below the timeline."""
        lines = [each for each in self._client.find("Text", height=16) if each.get("value")]
        return str(lines[0]["value"]) if lines else ""

    async def waits_for_typing_status(self, text: str) -> None:
        """Wait until the typing status has this text."""
        await self._client.until(lambda: self.typing_status == text)


def _drawn_box(row: Control | None) -> list[Control]:
    return find_all("Container", row, on_size_change=True)


class ThreadPane(Timeline):
    """The thread beside its room, on a wide screen."""

    @property
    def control(self) -> Control | None:
        """The pane, if it is on the screen."""
        panes = side_boxes(self._client)
        threads = [each for each in panes if find_all("ListView", each, reverse=True)]
        return threads[0] if threads else None

    @property
    def title(self) -> list[str]:
        """The texts of its header."""
        return [] if self.control is None else texts_of(self.control)[:2]

    @property
    def hint(self) -> str:
        """The text of the button in place of the field, or an empty text."""
        return _field_button_text(self.control)

    @property
    def room_hint(self) -> str:
        """The same in the room beside it."""
        (room,) = self._client.find("Row", spacing=0, expand=True)[:1]
        return _field_button_text(room["controls"][1])

    async def clicks_field(self, *, of_room: bool = False) -> None:
        """Click the button in place of the field."""
        (room,) = self._client.find("Row", spacing=0, expand=True)[:1]
        pane = room["controls"][1] if of_room else self.control
        (button,) = _field_buttons(pane)
        await self._client.fires(button, "click")

    @property
    def _lists(self) -> list[Control]:
        return find_all("ListView", self.control, reverse=True)


def side_boxes(client: HeadlessClient) -> list[Control]:
    """What is at the right of the room: the place of a thread or a panel, if there is one."""
    rows = client.find("Row", spacing=0, expand=True)[:1]
    return [each["content"] for row in rows for each in row["controls"][2:]]


def _field_buttons(pane: Control | None) -> list[Control]:
    return find_all("Container", pane, bgcolor="surfacecontainer", ink=True)


def _field_button_text(pane: Control | None) -> str:
    buttons = _field_buttons(pane)
    return texts_of(buttons[0])[0] if buttons else ""
