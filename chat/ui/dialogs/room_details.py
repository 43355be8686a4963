"""The dialog about the room on the screen: its members, and the actions on it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.model.rooms import Membership, NotificationLevel, RoomInfo, RoomKind
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.dialogs.editable_text import EditableText, TextForm
from chat.ui.room_titles import title_for
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext

# The number of members that are named; the others are a click away.
_MAX_NAMES = 8

_AVATAR_SIZE = 24


@dataclass(frozen=True, slots=True)
class RoomPermissions:
    """What the person may do with a room."""

    set_notification_level: bool = False
    set_topic: bool = False
    rename: bool = False
    invite: bool = False
    add_person: bool = False
    toggle_archived: bool = False
    leave: bool = False
    close: bool = False
    see_webhooks: bool = False
    set_slow_mode: bool = False


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Change the topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Change the title."""

    title: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Choose people to make members."""


@dataclass(frozen=True, slots=True)
class ShowMembers:
    """Show all members."""


@dataclass(frozen=True, slots=True)
class ShowFiles:
    """Show all files and pictures."""


@dataclass(frozen=True, slots=True)
class ShowWebhooks:
    """Show the webhooks, by which other programs post into the room."""


@dataclass(frozen=True, slots=True)
class ShowMember:
    """Show the card of a member."""

    person: Person


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Open the direct conversation of these people and the person of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class SetNotificationLevel:
    """Choose which messages notify the person, and which are counted."""

    level: NotificationLevel


@dataclass(frozen=True, slots=True)
class SetSlowMode:
    """Choose the seconds between two messages of a person."""

    seconds: int


@dataclass(frozen=True, slots=True)
class ToggleArchived:
    """Archive the room, or reopen it."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the room."""


@dataclass(frozen=True, slots=True)
class CloseConversation:
    """Take the direct conversation off the list until something new is said in it."""


@dataclass(frozen=True, slots=True)
class ShowCalendar:
    """Choose a day, and show the messages from there on."""


RoomRequest: TypeAlias = (
    SetTopic
    | Rename
    | Invite
    | ShowFiles
    | ShowMembers
    | ShowMember
    | ShowWebhooks
    | AddPerson
    | SetNotificationLevel
    | SetSlowMode
    | ToggleArchived
    | Leave
    | CloseConversation
    | ShowCalendar
)

_ROOM_LEVELS = {
    NotificationLevel.EVERYTHING: gettext_noop("Everything"),
    NotificationLevel.ALL: gettext_noop("Mentions and keywords; all others are only counted"),
    NotificationLevel.MENTIONS: gettext_noop("Mentions and keywords; no others are counted"),
    NotificationLevel.NOTHING: gettext_noop("Nothing, and nothing is counted"),
}
# In direct conversations and threads.
_CONVERSATION_LEVELS = {
    NotificationLevel.ALL: gettext_noop("Everything"),
    NotificationLevel.MENTIONS: gettext_noop("Only mentions and keywords"),
    NotificationLevel.NOTHING: gettext_noop("Nothing, and nothing is counted"),
}
# In seconds.
_SLOW_MODES = {
    0: gettext_noop("off"),
    10: gettext_noop("10 seconds"),
    30: gettext_noop("30 seconds"),
    60: gettext_noop("1 minute"),
    300: gettext_noop("5 minutes"),
    900: gettext_noop("15 minutes"),
    3600: gettext_noop("1 hour"),
}
_CONVERSATION_KINDS = {RoomKind.DIRECT, RoomKind.THREAD}


class RoomDetailsDialog(Dialog):
    """The room on the screen: its members, and what the person may do.

    `perform(request)` may raise ChatError.
    """

    def __init__(
        self,
        room: RoomInfo,
        membership: Membership | None,
        *,
        members: Sequence[Person],
        permissions: RoomPermissions,
        perform: Callable[[RoomRequest], Awaitable[None]],
        viewer: ViewerContext,
    ) -> None:
        self._t = t = viewer.t
        self._perform = perform
        self._error_text = ErrorText(t)
        self._topic: EditableText | None = None
        level = NotificationLevel.ALL if membership is None else membership.notification_level
        title = title_for(room, membership, t)
        parts: list[ft.Control] = []
        if permissions.set_topic:
            self._topic = EditableText(
                self._form(t("Topic"), room.topic, SetTopic, 4 * TOPIC_LIMIT),
                change_label=t("Change the topic"),
                empty_text=t("What this room is about"),
            )
            parts.append(self._topic)
        elif room.topic:
            parts.append(widgets.secondary_text(room.topic, 14))
        if permissions.rename:
            parts.append(
                EditableText(
                    self._form(t("Name"), room.title, Rename, 4 * TITLE_LIMIT),
                    change_label=t("Change the name"),
                )
            )
        if permissions.add_person:
            label = t("Talk with these and somebody else, by name")
            parts.append(self._form(label, "", AddPerson, 200))
        show_calendar = partial(self._close_and_perform, ShowCalendar())
        icon = ft.Icons.CALENDAR_MONTH_OUTLINED
        parts.append(
            ft.Row([ft.OutlinedButton(t("Go to a day"), icon=icon, on_click=show_calendar)])
        )
        if permissions.set_notification_level:
            is_conversation = room.kind in _CONVERSATION_KINDS
            parts.append(
                self._notification_levels(
                    level, _CONVERSATION_LEVELS if is_conversation else _ROOM_LEVELS
                )
            )
        if permissions.set_slow_mode:
            parts.append(self._slow_mode(room.slow_seconds))
        elif room.slow_seconds:
            text = t("Slow mode: one message every {seconds} s.", seconds=room.slow_seconds)
            parts.append(widgets.secondary_text(text, 13))
        parts.append(self._members(members, viewer, may_invite=permissions.invite))
        files_button = ft.TextButton(
            t("Files and pictures"),
            icon=ft.Icons.PERM_MEDIA_OUTLINED,
            on_click=partial(self._close_and_perform, ShowFiles()),
        )
        tools: list[ft.Control] = [files_button]
        if permissions.see_webhooks:
            tools.append(
                ft.TextButton(
                    t("Webhooks"),
                    icon=ft.Icons.WEBHOOK_ROUNDED,
                    on_click=partial(self._close_and_perform, ShowWebhooks()),
                )
            )
        parts.append(ft.Row(tools, spacing=4, run_spacing=0, wrap=True))
        parts.append(self._error_text)
        if permissions.toggle_archived:
            archive_label = t("Reopen this room" if room.archived else "Archive this room")
            parts.append(self._button(ft.Icons.ARCHIVE_OUTLINED, archive_label, ToggleArchived()))
        if permissions.leave:
            parts.append(self._button(ft.Icons.LOGOUT_ROUNDED, t("Leave this room"), Leave()))
        if permissions.close:
            label = t("Close this conversation")
            parts.append(self._button(ft.Icons.CLOSE_ROUNDED, label, CloseConversation()))
            hint = t("It is off the list until something new is said.")
            parts.append(widgets.secondary_text(hint))
        super().__init__(
            title, stretched_column(parts, 10), [close_button(t, self.close)], width=420
        )

    def show_topic_field(self) -> None:
        """Begin with the field of the topic, if the person may change it."""
        if self._topic is not None:
            self._topic.show_field()

    def _form(
        self, label: str, text: str, request: Callable[[str], RoomRequest], limit: int
    ) -> TextForm:
        async def submit(text: str) -> None:
            await self._perform(request(text))
            self.close()

        return TextForm(label, text, limit=limit, submit=submit, t=self._t)

    def _members(
        self, people: Sequence[Person], viewer: ViewerContext, *, may_invite: bool
    ) -> ft.Column:
        """The first members by avatar and name, and what leads to all of them."""
        t, human_count = self._t, sum(not each.is_bot for each in people)
        items: list[ft.Control] = [
            ft.Container(
                ft.Row(
                    [
                        widgets.avatar(each.name, _AVATAR_SIZE, viewer.avatar_url(each)),
                        ft.Text(each.name, size=13),
                        *([widgets.bot_mark(t)] if each.is_bot else []),
                    ],
                    spacing=6,
                    tight=True,
                ),
                border_radius=8,
                ink=True,
                on_click=partial(self._close_and_perform, ShowMember(each)),
            )
            for each in people[:_MAX_NAMES]
        ]
        if (remaining := len(people) - _MAX_NAMES) > 0:
            label = t("and {count} more", count=remaining)
            show_all = partial(self._close_and_perform, ShowMembers())
            items.append(ft.TextButton(label, on_click=show_all))
        heading = widgets.secondary_text(t("{count} in this room", count=human_count), 13)
        heading.expand = True
        head: list[ft.Control] = [heading]
        if may_invite:
            invite = partial(self._close_and_perform, Invite())
            icon = ft.Icons.PERSON_ADD_ALT_ROUNDED
            head.append(ft.TextButton(t("Invite people"), icon=icon, on_click=invite))
        names = ft.Row(
            items,
            spacing=14,
            run_spacing=6,
            wrap=True,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        )
        return stretched_column([ft.Row(head), names], 6)

    def _notification_levels(
        self, current: NotificationLevel, levels: Mapping[NotificationLevel, str]
    ) -> ft.Control:
        text = ft.Text(self._t("Notify me about"), size=14, weight=ft.FontWeight.W_600)
        group = ft.RadioGroup(ft.Container(), value=current.value)

        async def on_change() -> None:
            if group.value in {each.value for each in NotificationLevel}:
                request = SetNotificationLevel(NotificationLevel(group.value))
                await self._error_text.run(partial(self._perform, request))

        async def choose(level: NotificationLevel) -> None:
            if group.value != level.value:
                group.value = level.value
                group.update()
                await on_change()

        rows = [
            _level_row(level, self._t(words), partial(choose, level))
            for level, words in levels.items()
        ]
        group.content = ft.Column([widgets.heading(text, 3), *rows], spacing=0, tight=True)
        group.on_change = on_change
        return group

    def _slow_mode(self, current: int) -> ft.Control:
        """The times between two messages of a person; another one is in the list as it is."""
        labels = {each: self._t(words) for each, words in _SLOW_MODES.items()}
        labels.setdefault(current, f"{current} s")
        heading = ft.Text(
            self._t("Slow mode: a person writes one message every"),
            size=14,
            weight=ft.FontWeight.W_600,
        )
        radios: list[ft.Control] = [
            ft.Radio(value=str(each), label=labels[each]) for each in sorted(labels)
        ]
        group = ft.RadioGroup(ft.Row(radios, spacing=12, run_spacing=0, wrap=True))
        group.value = str(current)

        async def on_change() -> None:
            if (value := group.value or "").isdecimal():
                await self._error_text.run(partial(self._perform, SetSlowMode(int(value))))

        group.on_change = on_change
        return stretched_column([widgets.heading(heading, 3), group], 0)

    def _button(self, icon: ft.IconData, label: str, request: RoomRequest) -> ft.Row:
        return ft.Row(
            [
                ft.OutlinedButton(
                    content=label, icon=icon, on_click=partial(self._perform_and_close, request)
                )
            ]
        )

    # Flet passes its event to every handler that has a parameter left, even one with a default.
    async def _close_and_perform(self, request: RoomRequest) -> None:
        self.close()
        await self._perform(request)

    async def _perform_and_close(self, request: RoomRequest) -> None:
        if await self._error_text.run(partial(self._perform, request)):
            self.close()


def _level_row(
    level: NotificationLevel, words: str, choose: Callable[[], Awaitable[None]]
) -> ft.MergeSemantics:
    """A notification level with words that break on a phone; a click on them chooses it, too.

    (The label of a radio button is one line, which goes beyond the edge of a phone.)
    """
    row = ft.Row([ft.Radio(value=level.value), ft.Text(words, size=14, expand=True)], spacing=0)
    return ft.MergeSemantics(ft.Container(row, border_radius=8, on_click=choose))
