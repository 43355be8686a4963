"""The invitation: the address of the chat or a link that ends, and its QR code."""

import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

import flet as ft
import segno

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.joining import JoinPolicy
from chat.model.moderation import Role
from chat.model.rooms import RoomId, RoomInfo
from chat.model.site import SiteInfo
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, section, stretched_column

# How long a link works, in hours, and for how many people: the choices, and the usual one.
_HOURS = {
    1: gettext_noop("1 hour"),
    24: gettext_noop("1 day"),
    168: gettext_noop("7 days"),
    720: gettext_noop("30 days"),
}
_USUAL_HOURS = 168
_USES = (1, 5, 25, 100)
_USUAL_USES = 25

_NO_ROOM = ""

_ROLES = {Role.MEMBER: gettext_noop("members"), Role.GUEST: gettext_noop("guests of one room")}


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """What a person has chosen for a new link."""

    lifetime: timedelta
    use_limit: int
    room_id: RoomId | None = None
    role: Role = Role.MEMBER


@dataclass(frozen=True, slots=True)
class LinkActions:
    """What the person may do; `make(choice)` returns a link and may raise ChatError.

    `rooms` are those that a link may add people to.
    """

    rooms: Sequence[RoomInfo]
    make: Callable[[LinkChoice], Awaitable[str]]
    show_links: Callable[[], Awaitable[None]]


@lru_cache(maxsize=4)
def qr_png(url: str) -> bytes:
    """The QR code of an address as PNG: black on white with its quiet zone, 8 pixels a module."""
    buffer = io.BytesIO()
    segno.make(url, micro=False).save(buffer, kind="png", scale=8, border=3)
    return buffer.getvalue()


class InviteDialog(Dialog):
    """Shows how other people join, or why they cannot yet.

    With `actions` the person makes links that end. Without them, and in a chat that is not open,
    the dialog says whom to ask: `moderators`, by name.
    """

    def __init__(
        self,
        site: SiteInfo,
        t: Language,
        *,
        policy: JoinPolicy = JoinPolicy.OPEN,
        actions: LinkActions | None = None,
        moderators: Sequence[str] = (),
    ) -> None:
        self._t, self._site, self._actions = t, site, actions
        self._policy, self._moderators = policy, moderators
        self._url = site.url
        self._is_making = False
        self._copied_text = ft.Text("", size=13, color=ft.Colors.PRIMARY, visible=False)
        self._error_text = ErrorText(t)
        self._hours = _choices({str(key): t(words) for key, words in _HOURS.items()})
        self._hours.selected = [str(_USUAL_HOURS)]
        self._uses = _choices({str(each): str(each) for each in _USES})
        self._uses.selected = [str(_USUAL_USES)]
        rooms = () if actions is None else actions.rooms
        self._room = ft.Dropdown(
            label=t("It also adds them to"),
            value=_NO_ROOM,
            options=[
                ft.DropdownOption(_NO_ROOM, t("no other room")),
                *(ft.DropdownOption(str(each.id), each.title) for each in rooms),
            ],
            dense=True,
            visible=bool(rooms),
        )
        self._role = _choices({key.value: t(words) for key, words in _ROLES.items()})
        self._role.on_change = self._on_role
        self._role_section = section(t("They come in as"), self._role)
        self._role_section.visible = bool(rooms)
        self._role_hint = widgets.secondary_text("", 13, visible=False)
        self._column = stretched_column([], 12)
        super().__init__(
            t("Invite to {title}", title=site.title),
            self._column,
            [close_button(t, self.close)],
            width=360,
        )
        if policy is JoinPolicy.OPEN or actions is None:
            self._show_address()
        else:
            self._show_form()

    def _show_address(self) -> None:
        """The address of the chat, which is all that is needed in an open one."""
        t = self._t
        parts: list[ft.Control] = []
        if self._policy is JoinPolicy.OPEN:
            if self._site.reachable:
                parts.append(qr_code(self._url))
            parts += [
                widgets.secondary_text(_open_text(self._site, t), 14),
                *self._link_row(t("Address of the chat"), t("Copy address")),
            ]
        else:
            parts.append(widgets.secondary_text(_closed_text(self._moderators, t), 14))
        if self._site.certificate_words:
            parts.append(widgets.secondary_text(trust_text(self._site, t), 13))
        if self._actions is not None:
            make = ft.TextButton(
                t("Make a link that ends"), icon=ft.Icons.ADD_LINK_ROUNDED, on_click=self._on_form
            )
            parts.append(self._buttons(make))
        self._column.controls = parts

    def _show_form(self) -> None:
        t = self._t
        hint = t("Whoever opens the link gives a name and is in.")
        make = ft.FilledButton(t("Make link"), on_click=self._on_make)
        self._column.controls = [
            widgets.secondary_text(hint, 14),
            section(t("It works for"), self._hours),
            section(t("So many people may use it"), self._uses),
            self._role_section,
            self._room,
            self._role_hint,
            self._error_text,
            self._buttons(make),
        ]

    def _show_link(self, choice: LinkChoice) -> None:
        t = self._t
        another = ft.TextButton(t("Make another one"), on_click=self._on_form)
        parts: list[ft.Control] = [
            qr_code(self._url),
            widgets.secondary_text(_link_text(choice, t), 14),
            *self._link_row(t("Link of the invitation"), t("Copy link")),
        ]
        if not self._site.reachable:
            parts.append(widgets.secondary_text(_unreachable_text(t), 13))
        if self._site.certificate_words:
            parts.append(widgets.secondary_text(trust_text(self._site, t), 13))
        self._column.controls = [*parts, self._buttons(another)]

    def _link_row(self, label: str, copy_label: str) -> list[ft.Control]:
        """The address with a button that copies it, and what says that this was done."""
        self._copied_text.visible = False
        text = ft.Semantics(content=ft.Text(self._url, selectable=True), label=label, expand=True)
        copy = widgets.icon_button(ft.Icons.COPY_ROUNDED, copy_label, on_click=self._copy)
        return [ft.Row([text, copy]), self._copied_text]

    def _buttons(self, first: ft.Control) -> ft.Control:
        assert self._actions is not None, "only who makes links has buttons for them"
        links = ft.TextButton(self._t("Links so far"), on_click=self._actions.show_links)
        return ft.Row([first, links], spacing=8, run_spacing=8, wrap=True)

    def _on_form(self) -> None:
        self._show_form()
        self._column.update()

    def _on_role(self) -> None:
        t, is_guest = self._t, self._role.selected == [Role.GUEST.value]
        self._room.label = t("They see only") if is_guest else t("It also adds them to")
        self._role_hint.value = t(
            "A guest reads what is said from then on, and leaves when the link ends."
        )
        self._role_hint.visible = is_guest
        self._column.update()

    async def _on_make(self) -> None:
        if self._is_making or self._actions is None:
            return
        self._is_making = True
        try:
            choice = self._choice()
            if await self._error_text.run(partial(self._make, self._actions.make, choice)):
                self._show_link(choice)
                self._column.update()
        finally:
            self._is_making = False

    async def _make(self, make: Callable[[LinkChoice], Awaitable[str]], choice: LinkChoice) -> None:
        self._url = await make(choice)

    def _choice(self) -> LinkChoice:
        """What the person has chosen; a value that is no choice is the usual one."""
        hours = {str(each): each for each in _HOURS}.get(self._hours.selected[0], _USUAL_HOURS)
        uses = {str(each): each for each in _USES}.get(self._uses.selected[0], _USUAL_USES)
        rooms = () if self._actions is None else self._actions.rooms
        room_id = {str(each.id): each.id for each in rooms}.get(str(self._room.value))
        is_guest = self._role.selected == [Role.GUEST.value]
        role = Role.GUEST if is_guest else Role.MEMBER
        return LinkChoice(timedelta(hours=hours), uses, room_id, role)

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._url)
        self._copied_text.value, self._copied_text.visible = self._t("Copied."), True
        self._copied_text.update()


def _choices(choices: Mapping[str, str]) -> ft.SegmentedButton:
    segments = [ft.Segment(value=key, label=words) for key, words in choices.items()]
    return ft.SegmentedButton(segments, selected=[next(iter(choices))], show_selected_icon=False)


def qr_code(url: str, label: str | None = None) -> ft.Control:
    """The QR code of an address; `label` is what screen readers call it."""
    image = ft.Image(
        src=qr_png(url), width=200, height=200, border_radius=12, semantics_label=label
    )
    return ft.Row([image], alignment=ft.MainAxisAlignment.CENTER)


def _open_text(site: SiteInfo, t: Language) -> str:
    """Who comes in by the address alone."""
    if site.is_public:
        return t("Anyone can join who knows this address: let them scan the code or open it.")
    if site.reachable:
        return t("Anyone on your network can join: let them scan the code or open the address.")
    return t(
        "Only this computer can open this address. To let others on your network in, "
        "start the chat with --lan."
    )


def _unreachable_text(t: Language) -> str:
    return t(
        "Only this computer can open this link. To let others on your network in, start the chat "
        "with --lan."
    )


def _closed_text(moderators: Sequence[str], t: Language) -> str:
    """Whom to ask for an invitation."""
    if not moderators:
        return t("People come in with an invitation, which the moderators of this chat make.")
    return t(
        "People come in with an invitation. Ask one of those who make them: {names}.",
        names=t.join(moderators),
    )


def _link_text(choice: LinkChoice, t: Language) -> str:
    time = t(_HOURS[round(choice.lifetime.total_seconds() / 3600)])
    return t.plural(
        "One person can come in with this link. It works for {time}.",
        "{count} people can come in with this link. It works for {time}.",
        choice.use_limit,
        time=time,
    )


def trust_text(site: SiteInfo, t: Language) -> str:
    """How other devices come to trust the chat's own certificate."""
    return t(
        "A device that opens the chat for the first time is warned. {url} shows how it comes to "
        "trust the chat. That page has to show these six words: {words}",
        url=site.url.replace("https:", "http:", 1),
        words=site.certificate_words,
    )
