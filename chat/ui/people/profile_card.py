"""The card of a person: who they are, how they are, and what one can do with them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import flet as ft

from chat.languages import Language
from chat.model.addresses import room_path
from chat.model.people import Person, PersonDetails, Status
from chat.model.rooms import RoomInfo
from chat.ui.presence import (
    PresenceState,
    local_time_text,
    presence_text,
    status_end_text,
)
from chat.ui.theme import widgets
from chat.ui.theme.dialog import ErrorText, stretched_column
from chat.ui.theme.popover import Popover
from chat.ui.theme.widgets import ROOM_ICONS
from chat.ui.viewer import ViewerContext

CARD_WIDTH = 340  # pixels

_AVATAR_SIZE = 72
_PADDING = ft.Padding.all(20)
_ROOM_PADDING = ft.Padding.symmetric(horizontal=8, vertical=4)
_STATUS_PADDING = ft.Padding.symmetric(horizontal=12, vertical=8)


@dataclass(frozen=True, slots=True)
class Profile:
    """All that a card shows.

    `rooms` are those that the viewer is in, too. `removable_from` is the room that the viewer may
    remove the person from. `owner` is the person whom a bot belongs to. Nobody can write to the bot
    of a webhook, which reads nothing. `is_blocked` is whether the viewer has blocked the person.
    """

    person: Person
    details: PersonDetails
    presence: PresenceState
    rooms: tuple[RoomInfo, ...] = ()
    is_own: bool = False
    can_mention: bool = False
    removable_from: RoomInfo | None = None
    owner: Person | None = None
    is_webhook: bool = False
    can_message: bool = True
    can_moderate: bool = False
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """Open the direct conversation with the person."""


@dataclass(frozen=True, slots=True)
class MentionPerson:
    """Put the name of the person into the message field."""


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Show a room that both are in."""

    path: str


@dataclass(frozen=True, slots=True)
class EditOwnProfile:
    """Change name, picture and status."""


@dataclass(frozen=True, slots=True)
class RemoveFromRoom:
    """Remove the person from a room, after a question."""

    room: RoomInfo


@dataclass(frozen=True, slots=True)
class ModeratePerson:
    """Show what else the viewer may do as a moderator."""


@dataclass(frozen=True, slots=True)
class BlockPerson:
    """Ask whether to block the person; unblock one who is blocked."""


ProfileRequest: TypeAlias = (
    OpenConversation
    | MentionPerson
    | OpenRoom
    | EditOwnProfile
    | RemoveFromRoom
    | ModeratePerson
    | BlockPerson
)


class ProfileCard(Popover):
    """One person. Each button closes the card, then calls `perform(request)`."""

    def __init__(
        self,
        profile: Profile,
        viewer: ViewerContext,
        *,
        perform: Callable[[ProfileRequest], Awaitable[None]],
    ) -> None:
        self._t = t = viewer.t
        self._perform = perform
        self._error_text = ErrorText(t)
        person, details = profile.person, profile.details
        parts: list[ft.Control] = [_head(profile, viewer)]
        if person.is_bot and profile.presence is PresenceState.BOT:
            parts.append(_line(ft.Icons.SMART_TOY_OUTLINED, _origin(profile, t)))
        if details.status.label:
            parts.append(_status(details.status, viewer))
        if local_time := local_time_text(details, viewer):
            parts.append(_line(ft.Icons.SCHEDULE_ROUNDED, local_time))
        if profile.is_blocked:
            text = t("You blocked this person: you see nothing of them. They are not told.")
            parts.append(_line(ft.Icons.BLOCK_ROUNDED, text))
        if profile.rooms:
            parts.append(self._rooms(profile))
        parts += [self._error_text, *self._buttons(profile)]
        title = t("Profile of {name}", name=person.name)
        super().__init__(title, parts, width=CARD_WIDTH, padding=_PADDING, spacing=14)

    def _rooms(self, profile: Profile) -> ft.Control:
        title = widgets.secondary_text(self._t("Rooms in common"), weight=ft.FontWeight.W_600)
        rooms: list[ft.Control] = [self._room(each) for each in profile.rooms]
        return stretched_column([title, ft.Row(rooms, spacing=6, run_spacing=6, wrap=True)], 6)

    def _room(self, room: RoomInfo) -> ft.Container:
        icon = ft.Icon(ROOM_ICONS[room.kind], size=14, color=ft.Colors.ON_SURFACE_VARIANT)
        return ft.Container(
            ft.Row([icon, ft.Text(room.title, size=13)], spacing=4, tight=True),
            padding=_ROOM_PADDING,
            border_radius=8,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            ink=True,
            on_click=partial(self._choose, OpenRoom(room_path(room))),
        )

    def _buttons(self, profile: Profile) -> list[ft.Control]:
        t = self._t
        if profile.presence is PresenceState.LEFT:
            return []
        if profile.is_own:
            buttons: list[ft.Control] = [
                self._button(ft.Icons.EDIT_OUTLINED, t("Edit your profile"), EditOwnProfile())
            ]
        else:
            label = t("Message")
            icon = ft.Icons.CHAT_BUBBLE_OUTLINE_ROUNDED
            buttons = []
            if profile.can_message and not profile.is_blocked:
                buttons.append(self._button(icon, label, OpenConversation(), is_first=True))
        if profile.can_mention and not profile.is_blocked:
            icon = ft.Icons.ALTERNATE_EMAIL_ROUNDED
            buttons.append(self._button(icon, t("Mention"), MentionPerson()))
        rows: list[ft.Control] = [ft.Row(buttons, spacing=8)] if buttons else []
        if profile.can_moderate:
            moderate = ft.TextButton(
                t("Moderate…"),
                icon=ft.Icons.SHIELD_OUTLINED,
                on_click=partial(self._choose, ModeratePerson()),
            )
            rows.append(ft.Row([moderate]))
        if not profile.is_own:
            label = t("Unblock") if profile.is_blocked else t("Block")
            icon, on_click = ft.Icons.BLOCK_ROUNDED, partial(self._choose, BlockPerson())
            rows.append(ft.Row([ft.TextButton(label, icon=icon, on_click=on_click)]))
        if (room := profile.removable_from) is not None:
            style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
            remove = ft.TextButton(
                t("Remove from {room}", room=room.title),
                icon=ft.Icons.PERSON_REMOVE_OUTLINED,
                style=style,
                on_click=partial(self._choose, RemoveFromRoom(room)),
            )
            rows.append(ft.Row([remove]))
        return rows

    def _button(
        self, icon: ft.IconData, label: str, request: ProfileRequest, *, is_first: bool = False
    ) -> ft.Control:
        button_class = ft.FilledButton if is_first else ft.OutlinedButton
        on_click = partial(self._choose, request)
        return button_class(content=label, icon=icon, on_click=on_click, expand=True)

    # Flet passes its event to every handler that has a parameter left, even one with a default.
    async def _choose(self, request: ProfileRequest) -> None:
        self.close()
        await self._perform(request)


def _head(profile: Profile, viewer: ViewerContext) -> ft.Row:
    person = profile.person
    name = ft.Text(person.name, size=18, weight=ft.FontWeight.BOLD, max_lines=2)
    name.overflow = ft.TextOverflow.ELLIPSIS
    lines: list[ft.Control] = [name]
    if person.is_bot:
        lines = [widgets.with_bot_mark(name, viewer.t)]
    if profile.presence is PresenceState.LEFT and person.is_bot:
        lines.append(widgets.secondary_text(viewer.t("does not exist any more"), 13))
    elif profile.presence is not PresenceState.BOT:
        presence = presence_text(profile.presence, profile.details, viewer)
        lines.append(widgets.secondary_text(presence, 13))
    face = person_face(profile, viewer, _AVATAR_SIZE)
    return ft.Row([face, ft.Column(lines, spacing=2, tight=True, expand=True)], spacing=16)


def _origin(profile: Profile, t: Language) -> str:
    """Whose bot it is, and whether it is that of a webhook."""
    if profile.owner is None:
        return t("belongs to nobody")
    if profile.is_webhook:
        return t("a webhook, which belongs to {name}", name=profile.owner.name)
    return t("belongs to {name}", name=profile.owner.name)


def person_face(profile: Profile, viewer: ViewerContext, size: float) -> ft.Control:
    """The avatar of a person, with a dot if they are here or away."""
    person, avatar_url = profile.person, viewer.avatar_url(profile.person)
    if profile.presence in {PresenceState.HERE, PresenceState.AWAY}:
        is_away = profile.presence is PresenceState.AWAY
        return widgets.presence_avatar(person.name, size, avatar_url, is_away=is_away)
    return widgets.avatar(person.name, size, avatar_url)


def _status(status: Status, viewer: ViewerContext) -> ft.Container:
    controls: list[ft.Control] = []
    if status.emoji:
        controls.append(ft.Text(status.emoji, size=18))
    lines: list[ft.Control] = []
    if status.text:
        lines.append(ft.Text(status.text, size=14))
    if status.ends_at is not None:
        lines.append(widgets.secondary_text(status_end_text(status.ends_at, viewer)))
    if lines:
        controls.append(ft.Column(lines, spacing=0, tight=True, expand=True))
    return ft.Container(
        ft.Row(controls, spacing=10),
        padding=_STATUS_PADDING,
        border_radius=12,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
    )


def _line(icon: ft.IconData, text: str) -> ft.Row:
    return ft.Row(
        [
            ft.Icon(icon, size=18, color=ft.Colors.ON_SURFACE_VARIANT),
            widgets.secondary_text(text, 14, expand=True),
        ],
        spacing=10,
    )
