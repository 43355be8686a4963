"""The saved messages of a person as entries of a list."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.model.addresses import room_path
from chat.model.messages import SearchHit
from chat.text.previews import plain_preview
from chat.text.senders import full_sender_name
from chat.ui.context import SessionContext
from chat.ui.later.later_dialog import LaterAction, LaterEntry
from chat.ui.panels.message_list import location_label


def saved_loader(context: SessionContext) -> Callable[[int], Awaitable[Sequence[LaterEntry]]]:
    """Loads the saved messages page by page, the last saved first.

    A page begins after the last entry of the page before: entries may be removed meanwhile.
    """
    last_id: int | None = None

    async def load(skipped: int) -> Sequence[LaterEntry]:
        nonlocal last_id
        hits = await context.workspace.saved_messages.page(context.me, last_id if skipped else None)
        last_id = hits[-1].id if hits else last_id
        return [await _entry(context, each) for each in hits]

    return load


async def _entry(context: SessionContext, hit: SearchHit) -> LaterEntry:
    message, t = hit.message, context.t
    room = await context.workspace.rooms.by_id(context.me, hit.room.id)
    forget = partial(context.workspace.saved_messages.forget, context.me, room, message.number)
    when = context.viewer.format_date_time(message.sent_at)
    return LaterEntry(
        full_sender_name(message, t),
        f"{location_label(hit.room, t)}  ·  {when}",
        plain_preview(message, t),
        room_path(hit.room, message.number),
        (LaterAction(ft.Icons.BOOKMARK_REMOVE_OUTLINED, t("Remove from the list"), forget),),
    )
