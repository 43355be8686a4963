"""The dialog in which a person changes their own profile: name, picture, status, time zone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeAlias

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person, PersonDetails
from chat.model.preferences import HIDDEN, SYSTEM, LastSeen, Preferences
from chat.text.names import NAME_LIMIT
from chat.text.statuses import STATUS_LIMIT
from chat.ui.presence import status_end_text
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column
from chat.ui.viewer import ViewerContext

_AVATAR_SIZE = 72
_EMOJI_SIZE = 48
_ZONE_LENGTH = 32
_SUGGESTION_PADDING = ft.Padding.symmetric(horizontal=10, vertical=5)


class StatusEnd(StrEnum):
    """When a status ends."""

    KEEP = "keep"  # as it is stored
    NEVER = "never"
    HALF_HOUR = "30 minutes"
    HOUR = "1 hour"
    FOUR_HOURS = "4 hours"
    TODAY = "today"

    def moment(self, viewer: ViewerContext) -> datetime | None:
        """The time of the end; None if the status has none."""
        now = datetime.now(UTC)
        match self:
            case StatusEnd.HALF_HOUR:
                return now + timedelta(minutes=30)
            case StatusEnd.HOUR:
                return now + timedelta(hours=1)
            case StatusEnd.FOUR_HOURS:
                return now + timedelta(hours=4)
            case StatusEnd.TODAY:
                return now + timedelta(seconds=viewer.seconds_until_midnight(now))
        return None


_END_LABELS = {
    StatusEnd.NEVER: gettext_noop("Until I clear it"),
    StatusEnd.HALF_HOUR: gettext_noop("For 30 minutes"),
    StatusEnd.HOUR: gettext_noop("For 1 hour"),
    StatusEnd.FOUR_HOURS: gettext_noop("For 4 hours"),
    StatusEnd.TODAY: gettext_noop("Today"),
}

# What is offered with one click: an emoji, words, and the end.
_SUGGESTIONS = (
    ("📅", gettext_noop("In a meeting"), StatusEnd.HOUR),
    ("🍜", gettext_noop("At lunch"), StatusEnd.HOUR),
    ("🎧", gettext_noop("Do not disturb"), StatusEnd.FOUR_HOURS),
    ("🤒", gettext_noop("Out sick"), StatusEnd.TODAY),
    ("🌴", gettext_noop("On holiday"), StatusEnd.NEVER),
)

# The choice of a time zone that is typed.
_TYPED_ZONE = "typed"


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """What the fields of the dialog hold. `time_zone` is as in `Preferences`."""

    name: str
    emoji: str
    text: str
    end: StatusEnd
    time_zone: str
    last_seen: LastSeen


def draft_of(person: Person, details: PersonDetails, preferences: Preferences) -> ProfileDraft:
    """The fields of a person who has changed nothing yet."""
    status = details.status
    return ProfileDraft(
        person.name,
        status.emoji,
        status.text,
        StatusEnd.NEVER if status.ends_at is None else StatusEnd.KEEP,
        preferences.time_zone,
        preferences.last_seen,
    )


@dataclass(frozen=True, slots=True)
class SaveProfile:
    """Store the fields."""

    draft: ProfileDraft


@dataclass(frozen=True, slots=True)
class ChooseStatusEmoji:
    """Choose an emoji from the picker, and come back with these fields."""

    draft: ProfileDraft


@dataclass(frozen=True, slots=True)
class ChangePicture:
    """Change the picture, and come back with these fields."""

    draft: ProfileDraft


ProfileEditorRequest: TypeAlias = SaveProfile | ChooseStatusEmoji | ChangePicture


class ProfileEditorDialog(Dialog):
    """The profile of the person. `perform(request)` may raise ChatError.

    `ends_at` is the end of the stored status.
    """

    def __init__(
        self,
        me: Person,
        draft: ProfileDraft,
        viewer: ViewerContext,
        *,
        ends_at: datetime | None,
        perform: Callable[[ProfileEditorRequest], Awaitable[None]],
    ) -> None:
        self._t = t = viewer.t
        self._viewer = viewer
        self._perform = perform
        self._draft = draft
        self._error_text = ErrorText(t)
        self._name_field = ft.TextField(
            label=t("Name"),
            value=draft.name,
            max_length=4 * NAME_LIMIT,
            counter="",
            dense=True,
            on_submit=self._save,
        )
        self._emoji_button = ft.Container(
            width=_EMOJI_SIZE,
            height=_EMOJI_SIZE,
            border_radius=12,
            alignment=ft.Alignment.CENTER,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            ink=True,
            tooltip=t("Choose an emoji"),
            on_click=self._choose_emoji,
        )
        self._status_field = ft.TextField(
            label=t("Status"),
            value=draft.text,
            hint_text=t("What are you doing?"),
            max_length=4 * STATUS_LIMIT,
            counter="",
            dense=True,
            expand=True,
            on_submit=self._save,
        )
        self._clear_button = widgets.icon_button(
            ft.Icons.CLOSE_ROUNDED, t("Clear the status"), on_click=self._clear_status
        )
        self._end_menu = self._build_end_menu(ends_at)
        self._zone_menu = self._build_zone_menu()
        is_typed = draft.time_zone not in (SYSTEM, HIDDEN)
        self._zone_field = ft.TextField(
            label=t("Time zone, such as Europe/Paris"),
            value=draft.time_zone if is_typed else "",
            max_length=_ZONE_LENGTH,
            counter="",
            dense=True,
            visible=is_typed,
            on_submit=self._save,
        )
        self._last_seen_switch = ft.Switch(
            label=t("Others see when I was here last"),
            value=draft.last_seen is LastSeen.SHOWN,
        )
        self._show_emoji(draft.emoji)
        status_row = ft.Row([self._emoji_button, self._status_field, self._clear_button], spacing=8)
        parts: list[ft.Control] = [
            self._picture_row(me),
            self._name_field,
            status_row,
            ft.Row(
                [self._suggestion(*each) for each in _SUGGESTIONS],
                spacing=6,
                run_spacing=6,
                wrap=True,
            ),
            self._end_menu,
            self._zone_menu,
            self._zone_field,
            self._last_seen_switch,
            self._error_text,
        ]
        buttons = [
            ft.TextButton(t("Cancel"), on_click=self.close),
            ft.FilledButton(t("Save"), on_click=self._save),
        ]
        super().__init__(t("Your profile"), stretched_column(parts, 14), buttons, width=420)

    def _picture_row(self, me: Person) -> ft.Row:
        button = ft.OutlinedButton(
            self._t("Change your picture"),
            icon=ft.Icons.PHOTO_CAMERA_OUTLINED,
            on_click=self._change_picture,
        )
        face = widgets.avatar(me.name, _AVATAR_SIZE, self._viewer.avatar_url(me))
        return ft.Row([face, button], spacing=16)

    def _build_end_menu(self, ends_at: datetime | None) -> ft.Dropdown:
        t = self._t
        labels = {each: t(words) for each, words in _END_LABELS.items()}
        if ends_at is not None:
            text = t("As it is, {end}", end=status_end_text(ends_at, self._viewer))
            labels = {StatusEnd.KEEP: text, **labels}
        end = self._draft.end if self._draft.end in labels else StatusEnd.NEVER
        options = [ft.DropdownOption(each.value, text) for each, text in labels.items()]
        return ft.Dropdown(label=t("Show the status"), value=end.value, options=options, dense=True)

    def _build_zone_menu(self) -> ft.Dropdown:
        t, zone = self._t, self._draft.time_zone
        labels = {
            SYSTEM: t("As on my device"),
            HIDDEN: t("Nobody sees it"),
            _TYPED_ZONE: t("Another one"),
        }
        options = [ft.DropdownOption(each, text) for each, text in labels.items()]
        return ft.Dropdown(
            label=t("Local time that others see"),
            value=zone if zone in labels else _TYPED_ZONE,
            options=options,
            dense=True,
            on_select=self._on_zone_selected,
        )

    def _suggestion(self, emoji: str, words: str, end: StatusEnd) -> ft.Container:
        text = self._t(words)
        return ft.Container(
            ft.Text(f"{emoji} {text}", size=13),
            padding=_SUGGESTION_PADDING,
            border_radius=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
            ink=True,
            on_click=partial(self._use_suggestion, emoji, text, end),
        )

    def _use_suggestion(self, emoji: str, text: str, end: StatusEnd) -> None:
        self._status_field.value, self._end_menu.value = text, end.value
        self._show_emoji(emoji)
        self.update()

    def _clear_status(self) -> None:
        self._use_suggestion("", "", StatusEnd.NEVER)

    def _show_emoji(self, emoji: str) -> None:
        self._draft = replace(self._draft, emoji=emoji)
        self._emoji_button.content = (
            ft.Text(emoji, size=22)
            if emoji
            else widgets.labelled_icon(
                ft.Icons.ADD_REACTION_OUTLINED,
                self._t("Choose an emoji"),
                ft.Colors.ON_SURFACE_VARIANT,
            )
        )

    def _on_zone_selected(self) -> None:
        self._zone_field.visible = self._zone_menu.value == _TYPED_ZONE
        self.update()

    def _read_fields(self) -> ProfileDraft:
        zone = self._zone_menu.value or SYSTEM
        return ProfileDraft(
            self._name_field.value or "",
            self._draft.emoji,
            self._status_field.value or "",
            StatusEnd(self._end_menu.value or StatusEnd.NEVER.value),
            (self._zone_field.value or "").strip() if zone == _TYPED_ZONE else zone,
            LastSeen.SHOWN if self._last_seen_switch.value else LastSeen.HIDDEN,
        )

    async def _choose_emoji(self) -> None:
        await self._perform(ChooseStatusEmoji(self._read_fields()))

    async def _change_picture(self) -> None:
        await self._perform(ChangePicture(self._read_fields()))

    async def _save(self) -> None:
        if await self._error_text.run(partial(self._perform, SaveProfile(self._read_fields()))):
            self.close()
