"""The files of a program: sent for a message, and fetched from one."""

from collections.abc import AsyncIterator

from chat.errors import NoSuchFile
from chat.files.upload import Upload
from chat.model.programs import Scope
from chat.workspace.downloads import Download
from chat.workspace.program_session import ProgramSession


class ProgramFiles:
    """The operations of a program on files."""

    def __init__(self, session: ProgramSession) -> None:
        self._session = session

    async def begin_upload(
        self, slug: str, thread_number: int | None, name: str, size: int
    ) -> Upload:
        """Begin the upload of a file for a message in this room, or in this thread of it.

        Raises BadUpload, RoomArchived and NoSuchMessage.
        """
        room = await self._session.room(slug, Scope.WRITE)
        if thread_number is not None:
            room = await self._session.thread(room, thread_number)
        return await room.begin_upload(self._session.bot, name, size)

    async def receive(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        """Receive the bytes of an upload. Raises BadUpload and NotStored."""
        await self._session.workspace.uploads.receive(upload, upload.size, chunks)

    async def download(self, attachment_id: str) -> Download:
        """A file of a message. Raises NoSuchFile, also where the token is not valid."""
        self._session.require(Scope.READ)
        downloads = self._session.workspace.downloads
        room, download = await downloads.file_of_message(self._session.bot, attachment_id)
        if not self._session.covers(room.info):
            raise NoSuchFile
        return download
