"""Recovery: the texts of a field whose connection broke are stored once, or stay in the field.

The page keeps what it sent until the chat has settled it, each text with its client id and with the
room, the edited message and the quoted message that it was for. When the chat answers again, all of
it comes here: what was stored is taken out of the field, what was sent is sent now, and the rest is
the draft.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from chat.errors import ChatError
from chat.model.people import Person
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.text.emoji import replace_shortcodes
from chat.workspace import commands
from chat.workspace.workspace import Workspace

# The number of texts that a page may have sent without an answer.
MAX_SENT_TEXTS = 50


@dataclass(frozen=True, slots=True)
class SentText:
    """A text that the page sent, for the room at `path`.

    It is an edit of the message `edited_number`, or a message that quotes `quoted_number`; 0 is
    none. `upload_ids` are None if some were still on their way; then the text is not sent again.
    The same holds if `is_uncertain`: the key may have chosen a completion instead.
    """

    client_id: str
    path: str
    text: str
    edited_number: int = 0
    quoted_number: int = 0
    upload_ids: Sequence[str] | None = ()
    is_uncertain: bool = False


@dataclass(frozen=True, slots=True)
class FieldState:
    """The field of a page without a connection: its whole text, and what of it was sent.

    `text` is None if nothing was typed since the room was shown. `edited_number` is as in
    `SentText`.
    """

    path: str
    text: str | None
    edited_number: int = 0
    sent: Sequence[SentText] = ()


@dataclass(frozen=True, slots=True)
class RecoveredField:
    """The result: the text that stays in the field, and the path that a command led to.

    `text` is None where the field was not changed, or where its edit is saved.
    """

    text: str | None
    path: str | None = None


async def recover_field(workspace: Workspace, person: Person, state: FieldState) -> RecoveredField:
    """Store the texts of a field: what was sent as messages, commands and edits, the rest as draft.

    A text that is refused stays in the field with all that was sent behind it. If the path leads to
    no room any more, the draft is that of the lobby, which the page shows then.
    """
    room = await _find_room(workspace, person, state.path)
    if room is None:
        room = await workspace.rooms.by_slug(person, LOBBY)
    await workspace.emoji_preferences.load(person)
    text, path = state.text, None
    refusing_rooms: list[Room | None] = []
    for each in state.sent[:MAX_SENT_TEXTS]:
        target = await _find_room(workspace, person, each.path)
        is_done = await workspace.is_stored(person, each.client_id)
        # The person decides again about what was sent behind a refused text.
        if not is_done and target is not None and target not in refusing_rooms:
            is_done, new_path = await _send(workspace, person, target, each)
            path = new_path or path
        if not is_done:
            refusing_rooms.append(target)
        if target is room and each.edited_number == state.edited_number:
            if is_done and each.edited_number:
                text = None
            elif is_done and text is not None and target not in refusing_rooms:
                text = text.removeprefix(each.text)
        elif not is_done and target is not None and not each.edited_number:
            await target.save_draft(person, each.text + await target.draft(person))
    if text is not None and not state.edited_number:
        await room.save_draft(person, text)
    return RecoveredField(text, path)


async def _find_room(workspace: Workspace, person: Person, path: str) -> Room | None:
    """The room of a path; None if it is gone, and its drafts with it."""
    try:
        return await workspace.resolve(person, path)
    except ChatError:
        return None


async def _send(
    workspace: Workspace, person: Person, room: Room, sent: SentText
) -> tuple[bool, str | None]:
    """Send a text; whether it is stored, and the path that it led to."""
    if sent.upload_ids is None or sent.is_uncertain:
        return False, None
    text = replace_shortcodes(sent.text, workspace.emoji_preferences.get(person).tone)
    try:
        if sent.edited_number:
            await edit(workspace, person, room, sent.edited_number, text, sent.client_id)
            return True, None
        given = (sent.client_id, sent.quoted_number or None, sent.upload_ids)
        result = await commands.submit(workspace, person, room, text, *given)
    except ChatError:
        return False, None
    return True, result.path


async def edit(
    workspace: Workspace, person: Person, room: Room, number: int, text: str, client_id: str
) -> None:
    """Change the text of an own message, once for each client id. Raises as `Room.edit`."""
    work = partial(room.edit, person, number, text)
    await workspace.submissions.run(person.id, client_id, work)
