"""Files on their way into the chat: asked for, received once, and then part of one message.

`OpenRoom.begin_upload` → the client sends the bytes to `Upload.url`, where `web/http/uploads.py`
calls `receive` → the upload is READY → `OpenRoom.post(…, uploads=[upload.id])`. An avatar goes
the same way, from `House.begin_avatar` to `House.portray`.
"""

import asyncio
import mimetypes
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

import structlog

from chat.errors import (
    BadUpload,
    ChatError,
    NoSuchUpload,
    NotAPicture,
    PictureTooLarge,
    StorageFull,
    WrongSize,
)
from chat.files.blobs import NO_VIEWS, Contents
from chat.files.limits import Limits, Pace, check_all, check_number, check_size
from chat.files.storage import PIECE, Incoming, Storage
from chat.files.thumbnails import BEGINNING, Painter, may_be_picture
from chat.files.upload import PATIENCE, State, Upload
from chat.model.attachments import Attachment, Content, file_name
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# How often is looked for what nobody came for, in seconds.
_TIDY_EVERY = 60.0


class Uploads:
    """All uploads of one process, and the storage that they go into."""

    def __init__(self, store: Store, storage: Storage, limits: Limits) -> None:
        self.limits = limits
        self.contents = Contents(store, storage, self._awaited)
        self._store = store
        self._painter = Painter(limits.pixels)
        self._uploads: dict[str, Upload] = {}
        self._tokens: dict[str, Upload] = {}
        self._pace = Pace()
        self._untidy = asyncio.Event()
        self._tasks = Tasks()

    async def open(self) -> None:
        """Take away what the last process left; from now on, what nobody comes for."""
        await self.contents.open()
        self._tasks.start(self._keep_tidy(), "tidy the uploads")

    async def begin(self, person: Person, room: RoomId | None, name: str, size: int) -> Upload:
        """Let a person send a file; whoever asks has seen to it that they may write there.

        Raises BadUpload.
        """
        check_size(size, self.limits)
        taken = await self._store.taken(person.id)
        taken += sum(each.size for each in self._of(person.id) if not each.is_over)
        check_all(taken + size, self.limits)
        self._pace.begins(person.id, self.limits)
        upload = Upload(person.id, room, file_name(name), size)
        self._uploads[upload.id] = self._tokens[upload.token] = upload
        return upload

    def find(self, token: str) -> Upload:
        """The upload that waits for its bytes under this token. Raises NoSuchUpload."""
        upload = self._tokens.get(token)
        if upload is None or upload.state is not State.WAITING or upload.is_stale:
            raise NoSuchUpload
        return upload

    async def receive(
        self, upload: Upload, length: int | None, pieces: AsyncIterator[bytes]
    ) -> None:
        """Take the bytes of an upload that waits; `length` is how many the client speaks of.

        Whatever goes wrong, nothing is left of it, and its refusal says why. Raises BadUpload,
        and NotStored.
        """
        if upload.state is not State.WAITING:
            raise NoSuchUpload
        upload.turn(State.RECEIVING)
        try:
            if length is not None and length != upload.size:
                raise WrongSize(more=length > upload.size)
            await self._take(upload, pieces)
        except BaseException as failure:
            # Anything else is that the client went away, or that the server ends.
            if isinstance(failure, StorageFull):
                log.error("there is no room for a file", size=upload.size, exc_info=failure)
            refusal = failure if isinstance(failure, ChatError) else WrongSize(more=False)
            if not upload.is_over:
                upload.turn(State.REFUSED, refusal)
            raise

    def claim(
        self, person: PersonId, room: RoomId, ids: Sequence[str], client_id: str
    ) -> tuple[Attachment, ...]:
        """What these uploads became, for one message and no other; a repeat of it has them again.

        Raises BadUpload.
        """
        check_number(len(ids), self.limits)
        found = dict[str, Attachment]()
        for each in ids:
            upload = self._ready(each, person, room)
            if upload.attachment is None or upload.sent_as not in {"", client_id}:
                raise NoSuchUpload
            found[each] = upload.attachment
        for each in found:
            self._uploads[each].sent_as = client_id
        return tuple(found.values())

    def release(self, ids: Sequence[str]) -> None:
        """Their message was not stored: they can be sent again."""
        for each in ids:
            if (upload := self._uploads.get(each)) is not None and upload.state is State.READY:
                upload.sent_as = ""

    def sent(self, ids: Sequence[str]) -> None:
        """What they became is stored as part of something."""
        for each in ids:
            if (upload := self._uploads.get(each)) is not None and upload.state is State.READY:
                upload.turn(State.SENT)

    def unsent(self, person: PersonId, attachment: str) -> Attachment | None:
        """What a person has here under this id, and has not sent yet."""
        ready = (each.attachment for each in self._of(person) if each.state is State.READY)
        return next((each for each in ready if each and each.id == attachment), None)

    def avatar(self, person: PersonId, upload: str) -> Content:
        """What is to be a person's picture. Raises NoSuchUpload."""
        found = self._ready(upload, person, None)
        if found.content is None or found.is_over:
            raise NoSuchUpload
        return found.content

    def forget(self, person: PersonId) -> None:
        """A person leaves for good: what they did not send goes, too."""
        for upload in self._of(person):
            upload.cancel()
        self.tidy()

    def tidy(self) -> None:
        """Nothing may refer to something any more: take it away soon."""
        self._untidy.set()

    async def close(self) -> None:
        """End what is on its way."""
        for upload in self._uploads.values():
            if not upload.is_over:
                upload.cancel()
        self._painter.close()
        await self._tasks.stop()
        await self.contents.close()

    async def _take(self, upload: Upload, pieces: AsyncIterator[bytes]) -> None:
        incoming = await self.contents.begin(upload.size)
        try:
            beginning = await _written(upload, incoming, pieces)
            upload.turn(State.PREPARING)
            if upload.room is None:
                await self._keep_avatar(upload, incoming)
            else:
                await self._keep(upload, incoming, may_be_picture(beginning))
        finally:
            await asyncio.shield(incoming.drop())
        if upload.is_over or upload.content is None:
            # It was cancelled meanwhile.
            self.tidy()
            raise NoSuchUpload
        kind = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        new_id = secrets.token_urlsafe(16)
        upload.attachment = Attachment(new_id, upload.name, kind, upload.content)
        upload.turn(State.READY)

    async def _keep(self, upload: Upload, incoming: Incoming, picture: bool) -> None:
        seen = NO_VIEWS
        if picture:
            try:
                seen = await self._painter.views(incoming.read())
            except (NotAPicture, PictureTooLarge) as reason:
                upload.note = reason
        await self.contents.keep(incoming, seen, upload.is_kept)

    async def _keep_avatar(self, upload: Upload, incoming: Incoming) -> None:
        """Of what becomes a person's picture only that is kept."""
        seen = await self._painter.avatar(incoming.read())
        square = await self.contents.begin(len(seen.views[0]))
        try:
            await square.write(seen.views[0])
            await self.contents.keep(square, replace(seen, views=()), upload.is_kept)
        finally:
            await asyncio.shield(square.drop())

    async def _keep_tidy(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_TIDY_EVERY):
                    await self._untidy.wait()
            except TimeoutError:
                pass
            self._untidy.clear()
            for upload in [each for each in self._uploads.values() if each.is_stale]:
                upload.cancel()
                del self._uploads[upload.id], self._tokens[upload.token]
            try:
                await self.contents.sweep()
            except Exception:
                log.exception("unused files are still there")

    def _awaited(self) -> Iterator[str]:
        """The contents of what may still be sent."""
        for each in self._uploads.values():
            if each.content is not None and not each.is_over:
                yield each.content.hash

    def _of(self, person: PersonId) -> list[Upload]:
        return [each for each in self._uploads.values() if each.person == person]

    def _ready(self, upload: str, person: PersonId, room: RoomId | None) -> Upload:
        found = self._uploads.get(upload)
        if found is None or (found.person, found.room) != (person, room):
            raise NoSuchUpload
        return found


async def _written(upload: Upload, incoming: Incoming, pieces: AsyncIterator[bytes]) -> bytes:
    """How the content begins, once all of it is written. Raises BadUpload."""
    beginning, waiting = b"", bytearray()
    try:
        async with asyncio.timeout(PATIENCE) as timeout:
            upload.receive(timeout)
            async for piece in pieces:
                if upload.received + len(piece) > upload.size:
                    raise WrongSize(more=True)
                upload.came(len(piece))
                waiting += piece
                beginning = beginning or bytes(waiting[:BEGINNING])
                if len(waiting) >= PIECE:
                    await incoming.write(bytes(waiting))
                    waiting.clear()
            await incoming.write(bytes(waiting))
    except TimeoutError:
        if upload.is_over:
            raise NoSuchUpload from None
        raise BadUpload(
            "Too little of this file came. Send it again where the line is better."
        ) from None
    finally:
        upload.receive(None)
    if upload.received != upload.size:
        raise WrongSize(more=False)
    return beginning
