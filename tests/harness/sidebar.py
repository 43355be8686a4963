"""The sidebar of a headless user, the list of rooms and people, and the header of the room."""

from tests.harness.client import HeadlessClient
from tests.harness.control_tree import Control, find_all, item_title, row_controls, texts_of
from tests.harness.timeline import Timeline


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

    def __init__(self, client: HeadlessClient, header: RoomHeader, timeline: Timeline) -> None:
        self._client = client
        self._header = header
        self._timeline = timeline

    @property
    def rooms(self) -> dict[str, str]:
        """The listed rooms by title with their badges: `3`, `3!` if it notifies, or `muted`."""
        return {item_title(line): _unread_label(line) for line in self._room_items}

    @property
    def selected_room(self) -> str | None:
        """The title of the room that is marked as the one on the screen."""
        marked = [line for line in self._room_items if line.get("bgcolor") == "secondarycontainer"]
        return item_title(marked[0]) if marked else None

    @property
    def online_people(self) -> list[str]:
        """The names of the people who are online."""
        items = [line for line in self._items if row_controls(line) and find_all("Stack", line)]
        return [item_title(line) for line in items]

    @property
    def away_people(self) -> list[str]:
        """The names of the people who are away."""
        items = [line for line in self._items if row_controls(line) and find_all("Stack", line)]
        return [item_title(line) for line in items if line.get("tooltip") == "away"]

    async def waits_for_room(self, title: str, unread: str = "") -> None:
        """Wait until a room is listed with this badge."""
        await self._client.until(lambda: self.rooms.get(title) == unread)

    async def waits_until_room_gone(self, title: str) -> None:
        """Wait until a room is not listed any more."""
        await self._client.until(lambda: title not in self.rooms)

    async def opens_room(self, title: str) -> None:
        """Click a room, and wait until it is on the screen."""
        await self.clicks_room(title)
        await self._client.until(lambda: self.has_opened(title))

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
        )

    async def opens_direct_conversation(self, name: str) -> None:
        """Click a person, *Message* on their card, and wait until the conversation is shown."""
        await self.clicks_person(name)
        await self._client.clicks("Message")
        await self._client.until(lambda: self._header.title == name)

    async def clicks_person(self, name: str) -> None:
        """Wait until a person is online, and click them."""
        await self._client.until(lambda: name in self.online_people)
        items = [
            each for each in self._items if find_all("Stack", each) and item_title(each) == name
        ]
        await self._client.fires(items[0], "click")

    async def opens_thread(self, title: str) -> None:
        """Click a thread, and wait until it is on the screen."""
        await self.clicks_room(title)
        await self._client.until(lambda: self._header.title == "Thread")

    @property
    def _items(self) -> list[Control]:
        """The items that react to a click."""
        lists = [
            x for x in self._client.find("ListView") if not x.get("reverse") and _is_sidebar(x)
        ]
        return [line for each in lists for line in find_all("Container", each, on_click=True)]

    @property
    def _room_items(self) -> list[Control]:
        return [line for line in self._items if row_controls(line) and not find_all("Stack", line)]


def _is_sidebar(list_control: Control) -> bool:
    return "People" in texts_of(list_control)


def _unread_label(item: Control) -> str:
    last = row_controls(item)[-1]
    if last.get("_c") == "Container":
        highlighted = last.get("bgcolor") == "primary"
        return str(last["content"]["value"]) + ("!" if highlighted else "")
    return "muted" if last.get("_c") == "Icon" else ""
