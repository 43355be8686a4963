"""The dialog that invites people to a room: names are completed, and several come at once."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from heapq import nsmallest

import flet as ft

from chat.languages import Language
from chat.model.people import Person, PersonId
from chat.rooms.directory import INVITATION_LIMIT
from chat.text.names import NAME_LIMIT, cached_name_key, name_key
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column
from chat.ui.viewer import ViewerContext

# The people that are offered at once.
MAX_OFFERED = 6

_AVATAR_SIZE = 28
_ITEM_PADDING = ft.Padding.symmetric(horizontal=8, vertical=6)
_LIST_HEIGHT = MAX_OFFERED * 42


def find_people(
    typed: str, people: Sequence[Person], online_ids: Collection[PersonId], limit: int
) -> list[Person]:
    """The people one of whose words begins like this, those who are online first."""
    key = name_key(typed)
    found = [each for each in people if _matches(key, cached_name_key(each.name))]
    return nsmallest(
        limit, found, key=lambda each: (each.id not in online_ids, cached_name_key(each.name))
    )


def _matches(key: str, name: str) -> bool:
    return name.startswith(key) or f" {key}" in name


class InvitationDialog(Dialog):
    """Chooses from `people`; `invite(chosen)` may raise ChatError, which the dialog shows.

    The first of those who are offered is chosen by Enter; Enter in an empty field invites.
    """

    def __init__(
        self,
        title: str,
        people: Sequence[Person],
        viewer: ViewerContext,
        *,
        online_ids: Collection[PersonId],
        invite: Callable[[Sequence[Person]], Awaitable[None]],
    ) -> None:
        self._viewer = viewer
        self._t = t = viewer.t
        self._people, self._online_ids = people, online_ids
        self._invite = invite
        self._chosen: dict[PersonId, Person] = {}
        self._found: Sequence[Person] = ()
        self._error_text = ErrorText(t)
        self._chips = ft.Row(spacing=6, run_spacing=6, wrap=True, visible=False)
        self._field = ft.TextField(
            label=t("Add people by name"),
            autofocus=True,
            dense=True,
            max_length=4 * NAME_LIMIT,
            counter="",
            on_change=self._on_change,
            on_submit=self._on_submit,
        )
        self._offered = ft.Column(spacing=0, height=_LIST_HEIGHT)
        self._invite_button = ft.FilledButton(
            t("Invite them"), disabled=True, on_click=self._on_invite
        )
        parts = [self._chips, self._field, self._error_text, self._offered]
        buttons = [ft.TextButton(t("Not now"), on_click=self.close), self._invite_button]
        super().__init__(title, stretched_column(parts, 10), buttons, width=420)
        self._offer()

    def _on_change(self) -> None:
        self._offer()
        self._error_text.visible = False
        self.update()

    async def _on_submit(self) -> None:
        found = self._find()
        if not self._field.value and self._chosen:
            await self._on_invite()
        elif found:
            await self._choose(found[0])

    async def _choose(self, person: Person) -> None:
        if len(self._chosen) < INVITATION_LIMIT:
            self._chosen[person.id] = person
            self._field.value = ""
            self._redraw()
            await self._field.focus()

    def _remove(self, person: Person) -> None:
        self._chosen.pop(person.id, None)
        self._redraw()

    def _redraw(self) -> None:
        self._chips.controls = [self._chip(each) for each in self._chosen.values()]
        self._chips.visible = bool(self._chosen)
        self._invite_button.disabled = not self._chosen
        self._offer()
        self.update()

    def _chip(self, person: Person) -> ft.Chip:
        return ft.Chip(
            label=person.name,
            leading=widgets.avatar(person.name, 24, self._viewer.avatar_url(person)),
            delete_icon_tooltip=self._t("Take {name} off the list", name=person.name),
            on_delete=partial(self._remove, person),
        )

    def _find(self) -> list[Person]:
        rest = [each for each in self._people if each.id not in self._chosen]
        return find_people(self._field.value or "", rest, self._online_ids, MAX_OFFERED)

    def _offer(self) -> None:
        found = self._find()
        if found and found == self._found:
            # A click that is on its way stays valid.
            return
        self._found = found
        self._offered.controls = [self._item(each) for each in found]
        if not found:
            self._offered.controls = [
                widgets.secondary_text(self._nobody_text(self._t), 14),
            ]

    def _nobody_text(self, t: Language) -> str:
        if len(self._chosen) < len(self._people):
            return t("Nobody who could be invited is called that.")
        return t("Everybody is here already. Invite more people to the chat by its address.")

    def _item(self, person: Person) -> ft.Control:
        is_online = person.id in self._online_ids
        name = widgets.one_line_text(person.name, 14, expand=True)
        hint = [widgets.secondary_text(self._t("here"))] if is_online else []
        return ft.Container(
            ft.Row(
                [
                    widgets.avatar(person.name, _AVATAR_SIZE, self._viewer.avatar_url(person)),
                    name,
                    *([widgets.bot_mark(self._t)] if person.is_bot else hint),
                ],
                spacing=10,
            ),
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_click=partial(self._choose, person),
        )

    async def _on_invite(self) -> None:
        chosen = list(self._chosen.values())
        if chosen and await self._error_text.run(partial(self._invite, chosen)):
            self.close()
