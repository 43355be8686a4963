"""The files of one room, for the panel that lists them."""

from collections.abc import Sequence

from chat.errors import ChatError
from chat.model.addresses import room_path
from chat.model.messages import RoomFile
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.panels.message_list import OpenMessage
from chat.ui.panes.message_actions import MessageActions
from chat.ui.theme.snackbars import show_snackbar


class RoomFiles:
    """The files of a room as one person sees them; see `FilesHost`."""

    def __init__(
        self,
        context: SessionContext,
        room: Room,
        message_actions: MessageActions,
        *,
        open_message: OpenMessage,
    ) -> None:
        self._context = context
        self._room = room
        self._message_actions = message_actions
        self._open_message = open_message

    async def load_files(
        self, *, pictures: bool, before: RoomFile | None, limit: int
    ) -> Sequence[RoomFile]:
        """A page of the files of the room, the newest first. Raises ChatError."""
        return await self._room.files(
            self._context.me, pictures=pictures, before=before, limit=limit
        )

    async def open_file(self, file: RoomFile) -> None:
        """Show a picture, or save any other file; show the error if its message is gone."""
        try:
            message = await self._room.message(self._context.me, file.number)
        except ChatError as error:
            self._show_error(error)
            return
        ids = [each.id for each in message.files]
        if file.attachment.id in ids:
            index = ids.index(file.attachment.id)
            await self._message_actions.show_file(self._room, message, index)
        else:
            self._show_error(ChatError("This file was deleted."))

    async def open_message_of(self, file: RoomFile) -> None:
        """Show the message of a file."""
        await self._open_message(room_path(self._room.info, file.number), ())

    def _show_error(self, error: ChatError) -> None:
        show_snackbar(self._message_actions.page, self._context.t.error(error))
