"""The actions of one session that block and unblock people, and the list of the blocked ones."""

from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.model.people import Person, PersonId
from chat.ui.context import SessionContext
from chat.ui.people.blocked_people import BlockedPeopleDialog
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.snackbars import offer_undo, show_snackbar


class BlockActions:
    """`owner` is a control on the page of the session."""

    def __init__(self, context: SessionContext, owner: ft.Control) -> None:
        self._context = context
        self._t, self._blocks = context.t, context.workspace.blocks
        self._owner = owner

    async def toggle(self, person: Person) -> None:
        """Ask whether to block a person; unblock one who is blocked."""
        if person.id not in self._context.blocked_ids:
            self._ask_to_block(person)
            return
        try:
            await self._unblock(person.id)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))
        else:
            show_snackbar(self._page, self._t("You see {name} again.", name=person.name))

    async def show_list(self) -> None:
        """Show the people who are blocked."""
        people = await self._blocks.people(self._context.me)
        self._page.show_dialog(
            BlockedPeopleDialog(people, self._context.viewer, unblock=self._unblock)
        )

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    async def _unblock(self, person_id: PersonId) -> None:
        await self._blocks.unblock(self._context.me, person_id)

    def _ask_to_block(self, person: Person) -> None:
        t = self._t

        async def block() -> None:
            await self._blocks.block(self._context.me, person)
            text = t("You blocked {name}.", name=person.name)
            offer_undo(self._page, t, text, partial(self._unblock, person.id))

        question = t(
            "You see none of their messages any more, and are not notified of them. "
            "What they write to you alone does not reach you. {name} is not told.",
            name=person.name,
        )
        title = t("Block {name}?", name=person.name)
        self._page.show_dialog(ConfirmationDialog(title, question, t("Block"), action=block, t=t))
