"""The dialogs and snackbars of a headless user."""

from typing import Any

from tests.harness.client import HeadlessClient
from tests.harness.control_tree import (
    Control,
    completion_labels,
    find_all,
    item_title,
    row_controls,
    texts_of,
)
from tests.harness.page_script import PageScript
from tests.harness.sidebar import Sidebar
from tests.harness.timeline import Timeline

# The fields of the dialogs, by their labels and hints.
_NAME_LABEL = "Name of a new room"
_INVITED_LABEL = "Add people by name"
_SWITCHER_HINT = "Go to a room or a person"
_PICKER_HINT = "Search, or paste an emoji"


class OpenDialog:
    """The uppermost open dialog, of any kind."""

    def __init__(self, client: HeadlessClient) -> None:
        self._client = client

    @property
    def control(self) -> Control | None:
        """The uppermost dialog, if one is open."""
        dialogs = self._client.find("AlertDialog", open=True)
        return dialogs[-1] if dialogs else None

    @property
    def is_open(self) -> bool:
        """Whether a dialog is open."""
        return self.control is not None

    @property
    def selected_items(self) -> list[str]:
        """The titles of the highlighted items."""
        items = [each for each in self.items() if row_controls(each)]
        return [item_title(each) for each in items if each.get("bgcolor")]

    async def dismisses(self) -> None:
        """Close the dialog by Escape, or by a click beside it."""
        control = self.control
        assert control is not None
        await self._client.dismisses(control)

    async def chooses(self, text: str) -> None:
        """Click the item with this text."""

        def find_item() -> Control | None:
            return next((each for each in self.items() if text in texts_of(each)), None)

        await self._client.until(find_item)
        item = find_item()
        assert item is not None
        await self._client.fires(item, "click")

    async def closes(self) -> None:
        """Click Close, and wait until no dialog is open."""
        await self._client.clicks("Close")
        await self._client.until(lambda: not self.is_open)

    async def clicks(self, label: str) -> None:
        """Click a button, and wait until no dialog is open."""
        await self._client.clicks(label)
        await self._client.until(lambda: not self.is_open)

    async def clicks_tooltip(self, tooltip: str) -> None:
        """Click the container with this tooltip."""
        await self._client.until(lambda: find_all("Container", self.control, tooltip=tooltip))
        await self._client.fires(find_all("Container", self.control, tooltip=tooltip)[0], "click")

    def items(self) -> list[Control]:
        """The items that react to a click."""
        return find_all("Container", self.control, on_click=True)


class Snackbar:
    """The snackbars at the bottom of the screen."""

    def __init__(self, client: HeadlessClient) -> None:
        self._client = client

    @property
    def texts(self) -> list[str]:
        """The texts of the snackbars that are open."""
        return [text for bar in self._client.find("SnackBar") for text in texts_of(bar)]

    @property
    def texts_in_dialog(self) -> list[str]:
        """The texts of the sentence in the open dialog, with that of its button."""
        notices = self._client.find("Semantics", live_region=True)
        return [text for each in notices for text in texts_of(each)]

    async def waits_for(self, text: str) -> None:
        """Wait for a snackbar with a text that contains `text`, and dismiss all snackbars."""
        await self._client.until(lambda: any(text in each for each in self.texts))
        for bar in self._client.find("SnackBar"):
            await self._client.dismisses(bar)

    async def undoes(self) -> None:
        """Click *Undo* in the newest snackbar."""
        await self._client.until(lambda: self._client.find("SnackBar", action="Undo"))
        bar = self._client.find("SnackBar", action="Undo")[-1]
        assert bar["duration"] == 10_000
        assert bar["persist"] is False
        assert bar["show_close_icon"], "it covers the newest messages"
        await self._client.fires(bar, "action")
        await self._client.dismisses(bar)


class RoomsDialog:
    """The dialog of all rooms, in which rooms are created and joined."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog, sidebar: Sidebar) -> None:
        self._client = client
        self._dialog = dialog
        self._sidebar = sidebar

    async def creates_room(self, title: str, topic: str = "", *, private: bool = False) -> None:
        """Create a room, and wait until it is on the screen."""
        await self._client.clicks("Rooms: new and all")
        name_field = await self._client.waits_for_control("TextField", label=_NAME_LABEL)
        await self._client.fills(name_field, title)
        await self._client.fills(
            self._client.find("TextField", label="What it is about")[-1], topic
        )
        if private:
            await self._client.sets(self._client.find("Switch")[-1], value=True)
        await self._sidebar.goes_to(title, self._client.clicks("Make room"))
        await self._client.clicks("Not now")
        await self._client.until(lambda: not self._dialog.is_open)

    async def tries_to_create_room(self, title: str) -> None:
        """Ask for a room with this title, and wait for nothing."""
        await self._client.clicks("Rooms: new and all")
        name_field = await self._client.waits_for_control("TextField", label=_NAME_LABEL)
        await self._client.fills(name_field, title)
        await self._client.clicks("Make room")

    async def lists_rooms(self) -> list[str]:
        """The titles of the listed rooms."""
        await self._client.clicks("Rooms: new and all")
        await self._client.waits_for_control("TextField", label=_NAME_LABEL)
        titles = self.titles
        await self._dialog.closes()
        return titles

    @property
    def titles(self) -> list[str]:
        """The titles of the rooms that the dialog lists."""
        return [item_title(each) for each in self._dialog.items() if row_controls(each)]

    async def joins_room(self, title: str) -> None:
        """Join a room, and wait until it is on the screen."""
        await self.previews_room(title)
        await self._sidebar.goes_to(title, self._client.clicks("Join"))

    async def previews_room(self, title: str) -> list[str]:
        """Look at a room without joining it; returns the texts of the dialog."""
        await self._client.clicks("Rooms: new and all")
        await self._dialog.chooses(title)
        await self._client.until(lambda: self._client.find("FilledButton", content="Join"))
        return texts_of(self._dialog.control)


# The texts that are read first, and the tooltips of their pencils.
_PENCILS = {"Topic": "Change the topic", "Name": "Change the name"}


class RoomDialog:
    """The dialog about the room on the screen."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog) -> None:
        self._client = client
        self._dialog = dialog

    async def submits_field(self, label: str, value: str) -> None:
        """Fill a field, which may be behind a pencil, and press Enter."""
        field = await self.edits(label)
        await self._client.fills(field, value)
        await self._client.fires(field, "submit")

    async def edits(self, label: str) -> Control:
        """Open the dialog, and click the pencil of a text if there is one; returns the field."""
        await self.opens()
        if label in _PENCILS and not self._client.find("TextField", label=label):
            await self._client.clicks(_PENCILS[label])
        return await self._client.waits_for_control("TextField", label=label)

    async def invites(self, *names: str) -> None:
        """Choose people, invite them, and wait until the dialog is closed."""
        await self.opens()
        await self._client.clicks("Invite people")
        await self.chooses_guests(*names)

    async def chooses_guests(self, *names: str) -> None:
        """In the dialog of an invitation: choose people, invite them, and wait for its end."""
        for name in names:
            field = await self._client.waits_for_control("TextField", label=_INVITED_LABEL)
            await self._client.fills(field, name)
            await self._client.fires(field, "change", name)
            await self._client.until(
                lambda each=name: {item_title(x) for x in self._dialog.items()} == {each}  # type: ignore[misc]
            )
            await self._dialog.chooses(name)
            await self._client.until(lambda each=name: self._client.find("Chip", label=each))  # type: ignore[misc]
        await self._dialog.clicks("Invite them")

    async def opens(self) -> None:
        """Open the dialog unless it is open."""
        if not self._dialog.is_open:
            await self._client.clicks("About this room")
            await self._client.until(lambda: self._dialog.is_open)

    async def leaves_private_room(self) -> None:
        """Leave the room, and confirm that."""
        await self.opens()
        await self._client.clicks("Leave this room")
        await self._client.waits_for_text("You cannot come back unless somebody invites you.")
        await self._dialog.clicks("Leave this room")

    async def sets_notification_level(self, level: str) -> None:
        """Choose the notification level: `all`, `mentions` or `nothing`."""
        await self.opens()
        group = self._client.find("RadioGroup")[-1]
        await self._client.sets(group, value=level)
        await self._client.fires(group, "change", level)
        await self._dialog.closes()


class NotificationDialog:
    """The settings of the notifications."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog) -> None:
        self._client = client
        self._dialog = dialog

    async def opens(self) -> None:
        """Open the dialog from the settings."""
        await self._client.clicks("Settings")
        await self._client.clicks("Sound, pauses and keywords")
        await self._client.waits_for_control("TextField", label="Add a word or a phrase")

    @property
    def keywords(self) -> list[str]:
        """The keywords that are shown."""
        return [str(each["label"]) for each in find_all("Chip", self._dialog.control)]

    @property
    def _switches(self) -> list[Control]:
        """The switch of this device, and that of the sound."""
        return find_all("Switch", self._dialog.control)

    @property
    def is_device_on(self) -> bool:
        """Whether the switch of this device is on."""
        return bool(self._switches[0].get("value"))

    @property
    def is_device_fixed(self) -> bool:
        """Whether the switch of this device cannot be used."""
        return bool(self._switches[0].get("disabled"))

    async def switches_device(self, *, on: bool) -> None:
        """Switch notifications on or off on this device."""
        await self._client.until(lambda: self._switches)
        await self._use_switch(0, on)

    async def switches_sound(self, *, on: bool) -> None:
        """Switch the sound on or off."""
        await self._use_switch(1, on)

    async def adds_keyword(self, keyword: str) -> None:
        """Type a keyword, and press Enter."""
        field = self._client.find("TextField", label="Add a word or a phrase")[-1]
        await self._client.fills(field, keyword)
        await self._client.fires(field, "submit")

    async def removes_keyword(self, keyword: str) -> None:
        """Click the cross of a keyword."""
        chips = find_all("Chip", self._dialog.control, label=keyword)
        await self._client.fires(chips[0], "delete")

    async def _use_switch(self, index: int, on: bool) -> None:
        await self._client.sets(self._switches[index], value=on)
        await self._client.fires(self._switches[index], "change", on)


class SearchDialog:
    """The dialog in which messages are searched."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog) -> None:
        self._client = client
        self._dialog = dialog

    async def opens(self) -> None:
        """Open the dialog."""
        await self._client.clicks("Search messages")

    async def types(self, query: str) -> None:
        """Type a query."""
        field = await self._client.waits_for_control("TextField", hint_text="Search messages")
        await self._client.fills(field, query)
        await self._client.fires(field, "change", query)

    @property
    def results(self) -> list[str]:
        """The texts of the messages that were found."""
        items = find_all("Container", self._dialog.control, ink=True)
        texts = [find_all("Text", each)[-1] for each in items]
        return ["".join(span["text"] for span in each["spans"]) for each in texts]

    @property
    def completions(self) -> list[str]:
        """The completions below the field; the highlighted one ends with a star."""
        return completion_labels(self._completion_items)

    async def clicks_completion(self, label: str) -> None:
        """Click a completion."""
        items = self._completion_items
        await self._client.fires(next(x for x in items if item_title(x) == label), "click")

    @property
    def _completion_items(self) -> list[Control]:
        return find_all("Container", self._dialog.control, on_click=True, border_radius=8)

    async def searches_without_result(self, query: str) -> None:
        """Search, and wait until the dialog says that nothing was found."""
        await self.opens()
        await self.types(query)
        await self._client.waits_for_partial_text("Nothing was found for")
        await self._dialog.closes()


class QuickSwitcher:
    """The dialog that Ctrl+K opens."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog, script: PageScript) -> None:
        self._client = client
        self._dialog = dialog
        self._script = script

    async def types(self, part: str, *titles: str) -> None:
        """Type a part of a name, and wait until exactly these titles are listed.

        The last choice, to search for the part, is not among them. The dialog stays open.
        """
        search_line = f"Search messages for “{part}”"
        if not self._client.find("TextField", hint_text=_SWITCHER_HINT):
            await self._script.presses("quick switcher")
        field = await self._client.waits_for_control("TextField", hint_text=_SWITCHER_HINT)
        await self._client.fills(field, part)
        await self._client.fires(field, "change", part)
        await self._client.until(
            lambda: [each for each in self.titles if each != search_line] == [*titles]
        )

    @property
    def titles(self) -> list[str]:
        """The titles of the choices."""
        return [item_title(each) for each in self._dialog.items() if row_controls(each)]


class EmojiPicker:
    """The dialog of all emoji."""

    def __init__(self, client: HeadlessClient, dialog: OpenDialog) -> None:
        self._client = client
        self._dialog = dialog

    @property
    def emoji(self) -> list[str]:
        """The emoji that the picker shows."""
        return [str(each["content"]["value"]) for each in self._cells]

    async def searches(self, query: str) -> None:
        """Type into the search field."""
        field = await self._client.waits_for_control("TextField", hint_text=_PICKER_HINT)
        await self._client.fills(field, query)
        await self._client.fires(field, "change", query)

    async def picks(self, emoji: str) -> None:
        """Search an emoji, and click it."""
        await self.searches(emoji)
        await self._client.until(lambda: self.emoji == [emoji])
        await self.clicks(emoji)
        await self._client.until(lambda: not self._dialog.is_open)

    async def clicks(self, emoji: str) -> None:
        """Click an emoji that the picker shows."""
        await self._client.until(lambda: emoji in self.emoji)
        cell = next(each for each in self._cells if each["content"]["value"] == emoji)
        await self._client.fires(cell, "click")

    @property
    def _cells(self) -> list[Control]:
        return [
            each for each in find_all("Container", self._dialog.control) if each.get("width") == 41
        ]


class MessageMenu:
    """The dialog of the actions of a message."""

    def __init__(
        self, client: HeadlessClient, dialog: OpenDialog, timeline: Timeline, picker: EmojiPicker
    ) -> None:
        self._client = client
        self._dialog = dialog
        self._timeline = timeline
        self._picker = picker

    async def opens(self, text: str) -> None:
        """Tap beside a message, which opens its menu."""

        def find_gutter(value: Any) -> Control | None:
            if isinstance(value, dict):
                is_side = value.get("_c") == "Container" and value.get("width") == 36
                if is_side and value.get("on_click"):
                    return value
                value = list(value.values())
            if isinstance(value, list):
                return next((gutter for each in value if (gutter := find_gutter(each))), None)
            return None

        await self._client.until(lambda: find_gutter(self._timeline.row(text)))
        gutter = find_gutter(self._timeline.row(text))
        assert gutter is not None
        await self._client.fires(gutter, "click")

    async def runs(self, text: str, action: str) -> None:
        """Open the menu of a message, and click an action."""
        await self.opens(text)
        await self._client.clicks(action)
        await self._client.until(lambda: not self._dialog.is_open)

    async def deletes(self, text: str) -> None:
        """Delete a message."""
        await self.runs(text, "Delete")

    async def actions(self, text: str) -> list[str]:
        """The names of the actions of a message."""
        await self.opens(text)
        await self._client.until(lambda: self._dialog.is_open)
        labels = [str(each.get("content")) for each in find_all("TextButton", self._dialog.control)]
        await self._dialog.dismisses()
        await self._client.until(lambda: not self._dialog.is_open)
        return labels

    async def reacts(self, text: str, emoji: str) -> None:
        """React to a message, by the menu."""
        await self.opens(text)
        await self._client.until(lambda: self._dialog.is_open)
        if not self.reaction_button(emoji):
            await self._client.clicks("More emoji")
            await self._picker.picks(emoji)
            return
        await self._client.fires(self.reaction_button(emoji), "click")
        await self._client.until(lambda: not self._dialog.is_open)

    def reaction_button(self, emoji: str) -> Control:
        """The button of an emoji in the menu; empty if there is none."""
        buttons = find_all("Container", self._dialog.control, tooltip=f"React with {emoji}")
        return buttons[0] if buttons else {}
