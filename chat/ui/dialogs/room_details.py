"""The dialog about the room on the screen: its members, and the actions on it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.model.rooms import NotificationLevel, RoomInfo
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import ViewerContext

# The number of members that are named; the others are counted.
_MAX_NAMES = 40

_AVATAR_SIZE = 22

Close = Callable[[], object]


@dataclass(frozen=True, slots=True)
class RoomActions:
    """The actions of the dialog; None is one that is not allowed. All but `close` may raise
    ChatError."""

    set_notification_level: Callable[[NotificationLevel], Awaitable[None]] | None
    set_topic: Callable[[str], Awaitable[None]] | None
    rename: Callable[[str], Awaitable[None]] | None
    invite: Callable[[str], Awaitable[None]] | None
    add_person: Callable[[str], Awaitable[None]] | None
    toggle_archived: Callable[[], Awaitable[None]] | None
    leave: Callable[[], Awaitable[None]] | None
    jump_to_day: Callable[[str], Awaitable[None]]
    close: Close


_NOTIFICATION_LEVELS = {
    NotificationLevel.ALL: gettext_noop("Everything counts"),
    NotificationLevel.MENTIONS: gettext_noop("Only mentions count"),
    NotificationLevel.NOTHING: gettext_noop("Muted: nothing counts"),
}


class RoomDetailsDialog(Dialog):
    """The room on the screen: its members, and what the person may do."""

    def __init__(
        self,
        title: str,
        room: RoomInfo,
        notification_level: NotificationLevel,
        *,
        members: Sequence[Person],
        actions: RoomActions,
        viewer: ViewerContext,
    ) -> None:
        self._t = t = viewer.t
        self._actions = actions
        self._error_text = ErrorText(t)
        parts: list[ft.Control] = []
        if actions.set_topic is not None:
            parts.append(
                self._text_field(t("Topic"), room.topic, actions.set_topic, 4 * TOPIC_LIMIT)
            )
        elif room.topic:
            parts.append(widgets.secondary_text(room.topic, 14))
        if actions.rename is not None:
            parts.append(self._text_field(t("Name"), room.title, actions.rename, 4 * TITLE_LIMIT))
        if actions.invite is not None:
            parts.append(self._text_field(t("Invite somebody by name"), "", actions.invite, 200))
        if actions.add_person is not None:
            label = t("Talk with these and somebody else, by name")
            parts.append(self._text_field(label, "", actions.add_person, 200))
        parts.append(self._text_field(t("Go to a day (2026-11-30)"), "", actions.jump_to_day, 10))
        if actions.set_notification_level is not None:
            parts.append(self._notification_levels(notification_level))
        parts.append(widgets.secondary_text(t("{count} in this room", count=len(members)), 13))
        parts.append(_member_list(members, viewer))
        parts.append(self._error_text)
        if actions.toggle_archived is not None:
            archive_label = t("Reopen this room" if room.archived else "Archive this room")
            parts.append(
                self._button(ft.Icons.ARCHIVE_OUTLINED, archive_label, actions.toggle_archived)
            )
        if actions.leave is not None:
            parts.append(self._button(ft.Icons.LOGOUT_ROUNDED, t("Leave this room"), actions.leave))
        super().__init__(
            title, stretched_column(parts, 10), [close_button(t, actions.close)], width=420
        )

    def _text_field(
        self, label: str, value: str, action: Callable[[str], Awaitable[None]], limit: int
    ) -> ft.TextField:
        field = ft.TextField(label=label, value=value, max_length=limit, counter="", dense=True)

        async def on_submit() -> None:
            await self._run_and_close(partial(action, field.value))

        ok_button = ft.TextButton(self._t("OK"), on_click=on_submit, disabled=True)

        def on_change() -> None:
            if ok_button.disabled is (is_new := field.value != value):
                ok_button.disabled = not is_new
                ok_button.update()

        field.on_change, field.on_submit, field.suffix = on_change, on_submit, ok_button
        return field

    def _notification_levels(self, current: NotificationLevel) -> ft.Control:
        group = ft.RadioGroup(
            ft.Column(
                [
                    ft.Radio(value=each.value, label=self._t(words))
                    for each, words in _NOTIFICATION_LEVELS.items()
                ],
                spacing=0,
                tight=True,
            ),
            value=current.value,
        )

        async def on_change() -> None:
            if self._actions.set_notification_level is not None and group.value in {
                each.value for each in NotificationLevel
            }:
                await self._error_text.run(
                    partial(self._actions.set_notification_level, NotificationLevel(group.value))
                )

        group.on_change = on_change
        return group

    def _button(
        self, icon: ft.IconData, label: str, action: Callable[[], Awaitable[None]]
    ) -> ft.Row:
        return ft.Row(
            [
                ft.OutlinedButton(
                    content=label, icon=icon, on_click=partial(self._run_and_close, action)
                )
            ]
        )

    # Flet passes its event to every handler that has a parameter left, even one with a default.
    async def _run_and_close(self, action: Callable[[], Awaitable[None]]) -> None:
        if await self._error_text.run(action):
            self._actions.close()


def _member_list(people: Sequence[Person], viewer: ViewerContext) -> ft.Row:
    """People by avatar and name, in a row that wraps."""
    items: list[ft.Control] = [
        ft.Row(
            [
                widgets.avatar(each.name, _AVATAR_SIZE, viewer.avatar_url(each)),
                ft.Text(each.name, size=13),
            ],
            spacing=6,
            tight=True,
        )
        for each in people[:_MAX_NAMES]
    ]
    if (remaining := len(people) - _MAX_NAMES) > 0:
        items.append(widgets.secondary_text(viewer.t("and {count} more", count=remaining), 13))
    return ft.Row(items, spacing=14, run_spacing=6, wrap=True)
