"""The sidebar of a headless user, the list of rooms and people, and the header of the room."""

from collections.abc import Awaitable
from urllib.parse import urlsplit

from tests.harness.client import HeadlessClient
from tests.harness.control_tree import Control, find_all, item_title, row_controls, texts_of
from tests.harness.page_script import PageScript
from tests.harness.timeline import Timeline

# The buttons of headings, and the colours of presence dots.
_BUTTONS = {"New conversation", "Browse rooms, or make one"}
_PRESENCE_BY_COLOUR = {"#22C55E": "here", "#F59E0B": "away"}


class RoomHeader:
    """The header of the room, above the timeline."""

    def __init__(self, client: HeadlessClient) -> None:
        self._client = client

    @property
    def title(self) -> str:
        """The title of the room on the screen."""
        return next((str(each.get("value")) for each in find_all("Text", self._control)), "")

    @property
    def topic(self) -> str:
        """The topic of the room on the screen."""
        return str(find_all("Text", self._control)[1].get("value", ""))

    @property
    def online_text(self) -> str:
        """Who of the room is online, as the header says it."""
        texts = [str(each.get("value", "")) for each in find_all("Text", self._control)]
        return texts[2] if len(texts) > 2 else ""

    @property
    def menu_badge(self) -> tuple[str, str]:
        """The number on the menu button of a phone, and the name of the button.

        Both are empty if there is no such button.
        """
        for button in find_all("IconButton", self._control):
            label = str(button.get("tooltip"))
            if label.startswith("Rooms and people"):
                return (button["icon"].get("badge") or {}).get("label", ""), label
        return "", ""

    @property
    def _control(self) -> Control:
        rows = self._client.find("Row", height=44)
        return rows[0] if rows else {}


class Sidebar:
    """The rooms of one user, and the people who are online."""

    def __init__(
        self, client: HeadlessClient, header: RoomHeader, timeline: Timeline, *, script: PageScript
    ) -> None:
        self._client = client
        self._header = header
        self._timeline = timeline
        self._script = script

    @property
    def rooms(self) -> dict[str, str]:
        """The listed rooms by title with their badges: `3`, `3!` if it notifies, or `muted`."""
        return {item_title(line): _unread_label(line) for line in self._room_items}

    @property
    def lines(self) -> list[str]:
        """The headings, in capitals, and the rooms below them; a number is what a fold hides.

        The people are not among them.
        """
        lines: list[str] = []
        for each in self._lines:
            if each.get("_c") == "GestureDetector":
                lines.append(item_title(each["content"]))
            elif (texts := texts_of(each)) and each.get("_c") == "Container":
                lines.append(" ".join(x for x in texts if x not in _BUTTONS).upper())
        return [each for each in lines if not each.startswith("PEOPLE")]

    @property
    def due_reminders(self) -> str:
        """The number at the button of what is kept for later, or an empty text."""
        badges = [
            badge
            for each in self._client.find("Stack")
            if "Saved and later" in texts_of(each)
            for badge in find_all("Container", each, ignore_interactions=True)
        ]
        return "".join(texts_of(badges[0])) if badges else ""

    @property
    def pills(self) -> list[str]:
        """The pills at the upper and the lower edge, with their numbers of unread rooms."""
        return [" ".join(texts_of(each)) for each in self._pill_places if texts_of(each)]

    async def clicks_pill(self, index: int) -> None:
        """Click the pill at the upper edge (0) or at the lower one (1)."""
        await self._client.fires(self._pill_places[index], "click")

    @property
    def _pill_places(self) -> list[Control]:
        stacks = [each for each in self._client.find("Stack") if find_all("ListView", each)]
        rows = [row for stack in stacks for row in find_all("Row", stack, left=0, right=0)]
        places = [find_all("Container", each, border_radius=14)[0] for each in rows]
        return [each for each in places if each.get("on_click")]

    @property
    def list_control(self) -> Control:
        """The list of the rooms."""
        stacks = [each for each in self._client.find("Stack") if find_all("ListView", each)]
        return next(
            each for stack in stacks for each in find_all("ListView", stack) if each.get("spacing")
        )

    @property
    def drafts(self) -> list[str]:
        """The titles of the rooms that are marked as having a draft."""
        return [
            item_title(line)
            for line in self._room_items
            if find_all("Icon", line, semantics_label="Draft")
        ]

    def presence(self, title: str) -> str:
        """The presence at a direct conversation: `here`, `away`, or empty."""
        line = next(each for each in self._room_items if item_title(each) == title)
        dots = [each for each in find_all("Container", line) if each.get("right") == -2]
        return _PRESENCE_BY_COLOUR[dots[0]["bgcolor"]] if dots else ""

    async def folds(self, title: str) -> None:
        """Click the heading of a section."""
        await self._client.until(lambda: self._headings(title))
        await self._client.fires(self._headings(title)[0], "click")

    async def begins(self, title: str) -> None:
        """Click the button of a heading."""
        await self._client.until(lambda: self._headings(title))
        button = find_all("IconButton", self._headings(title)[0])[0]
        await self._client.fires(button, "click")

    async def types_filter(self, text: str) -> None:
        """Type into the filter field."""
        field = await self._client.waits_for_control("TextField", hint_text="Filter")
        await self._client.fires(field, "change", text)

    async def opens_menu(self, title: str) -> None:
        """Click a room with the right button, and wait until its menu is open."""
        await self._client.until(lambda: title in self.rooms)
        detector = next(
            each
            for each in self._lines
            if each.get("_c") == "GestureDetector" and item_title(each["content"]) == title
        )
        data = {"g": {"x": 40.0, "y": 200.0}, "l": {"x": 4.0, "y": 5.0}, "k": "mouse"}
        await self._client.fires(detector, "secondary_tap_down", data)
        await self._client.until(lambda: self._menu_buttons)

    async def chooses(self, title: str, label: str) -> None:
        """Open the menu of a room, and choose a line."""
        await self.opens_menu(title)
        await self._client.until(lambda: label in self.menu)
        await self._client.fires(
            next(each for each in self._menu_buttons if each["content"] == label), "click"
        )

    @property
    def menu(self) -> list[str]:
        """The lines of the open menu of a room."""
        return [each["content"] for each in self._menu_buttons]

    @property
    def selected_room(self) -> str | None:
        """The title of the room that is marked as the one on the screen."""
        marked = [line for line in self._room_items if line.get("bgcolor") == "secondarycontainer"]
        return item_title(marked[0]) if marked else None

    @property
    def chosen_title(self) -> str | None:
        """The title of the room with the ring of the keyboard."""
        chosen = [line for line in self._room_items if line.get("foreground_decoration")]
        return item_title(chosen[0]) if chosen else None

    async def waits_for_chosen(self, title: str) -> None:
        """Wait until a room has the ring of the keyboard."""
        await self._client.until(lambda: self.chosen_title == title)

    @property
    def online_people(self) -> list[str]:
        """The names of the people who are online."""
        return [item_title(line) for line in self._people_items]

    @property
    def away_people(self) -> list[str]:
        """The names of the people who are away."""
        return [item_title(line) for line in self._people_items if line.get("tooltip") == "away"]

    async def waits_for_room(self, title: str, unread: str = "") -> None:
        """Wait until a room is listed with this badge."""
        await self._client.until(lambda: self.rooms.get(title) == unread)

    async def waits_until_room_gone(self, title: str) -> None:
        """Wait until a room is not listed any more."""
        await self._client.until(lambda: title not in self.rooms)

    async def opens_room(self, title: str) -> None:
        """Click a room, and wait until it is on the screen."""
        await self.goes_to(title, self.clicks_room(title))

    async def goes_to(self, title: str, click: Awaitable[None]) -> None:
        """Click what leads to a room, and wait until it is on the screen.

        The title comes before the field of the room.
        """
        count = self._script.context_count
        is_shown = not count or self._header.title == title
        await click
        await self._client.until(
            lambda: self.has_opened(title) and (is_shown or self._script.context_count > count)
        )

    async def clicks_room(self, title: str) -> None:
        """Wait until a room is listed, and click it."""
        await self._client.until(lambda: title in self.rooms)
        await self._client.fires(
            next(x for x in self._room_items if item_title(x) == title), "click"
        )

    def has_opened(self, title: str) -> bool:
        """Whether a room is on the screen: its title, its mark in the list, its messages."""
        return (
            self._header.title == title
            and self.selected_room in {title, None}
            and bool(self._timeline.texts)
            and self.is_at_its_address
        )

    @property
    def is_at_its_address(self) -> bool:
        """Whether the page's address is that of the room which the field is for.

        Title, field and messages of a room come in several frames; the chat changes the address
        after them. True without a page script.
        """
        path, address = self._script.context.path, urlsplit(self._client.address_bar).path
        if not address.startswith("/room/"):
            return path in {"", "/room/lobby"} or address.startswith("/dm/")
        return f"{address}/".startswith(f"{path}/")

    async def opens_direct_conversation(self, name: str) -> None:
        """Click a person, *Message* on their card, and wait until the conversation is shown."""
        await self.clicks_person(name)
        await self.goes_to(name, self._client.clicks("Message"))

    async def clicks_person(self, name: str) -> None:
        """Wait until a person is online, and click them."""
        await self._client.until(lambda: name in self.online_people)
        items = [each for each in self._people_items if item_title(each) == name]
        await self._client.fires(items[0], "click")

    async def opens_thread(self, title: str) -> None:
        """Click a thread, and wait until it is on the screen."""
        await self.clicks_room(title)
        await self._client.until(lambda: self._header.title == "Thread" and self.is_at_its_address)

    def _headings(self, title: str) -> list[Control]:
        return [
            each
            for each in self._lines
            if each.get("_c") == "Container" and title in texts_of(each)[:1]
        ]

    @property
    def _lines(self) -> list[Control]:
        """The lines of the list: headings, rooms, and the column of people."""
        lists = [
            x for x in self._client.find("ListView") if not x.get("reverse") and _is_sidebar(x)
        ]
        return [line for each in lists for line in each.get("controls", [])]

    @property
    def _room_items(self) -> list[Control]:
        return [each["content"] for each in self._lines if each.get("_c") == "GestureDetector"]

    @property
    def _people_items(self) -> list[Control]:
        return [
            item
            for each in self._lines
            if each.get("_c") == "Column"
            for item in find_all("Container", each, on_click=True)
        ]

    @property
    def _menu_buttons(self) -> list[Control]:
        dialogs = self._client.find("AlertDialog", open=True)
        return find_all("TextButton", dialogs[-1]) if dialogs else []


def _is_sidebar(list_control: Control) -> bool:
    # (The heading of the people is hidden while a filter finds none.)
    return bool(find_all("Text", list_control, value="People", visible=None))


def _unread_label(item: Control) -> str:
    last = row_controls(item)[-1]
    if last.get("_c") == "Container":
        highlighted = last.get("bgcolor") == "primary"
        return str(last["content"]["value"]) + ("!" if highlighted else "")
    return "muted" if last.get("_c") == "Icon" and "semantics_label" not in last else ""
