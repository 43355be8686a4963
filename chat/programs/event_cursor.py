"""The cursor of events: a position in the sequence of one chat, as a short opaque text.

One number is enough for any number of rooms, because all posts and changes have numbers of one
sequence. A cursor of another chat is told from one that is damaged: it has the id of its chat, and
a checksum.
"""

import base64
import binascii
import hashlib
import struct

from chat.errors import BadCursor, CursorOutdated

# Characters of a cursor. All have the same length.
CURSOR_LENGTH = 28

# A version, the beginning of the hash of the chat's id, the number, and a checksum of all that.
_FORMAT = struct.Struct(">B8sQ")
_VERSION = 1
_CHECKSUM_SIZE = 4

# The store counts to 2**63.
_MAX_NUMBER = 2**63 - 1


class EventCursors:
    """Writes and reads the cursors of one chat."""

    def __init__(self, workspace_id: str) -> None:
        self._chat = hashlib.sha256(workspace_id.encode()).digest()[:8]

    def encode(self, number: int) -> str:
        """The cursor after the post or change with this number."""
        content = _FORMAT.pack(_VERSION, self._chat, number)
        return base64.urlsafe_b64encode(content + _checksum(content)).decode()

    def decode(self, cursor: str) -> int:
        """The number in a cursor. Raises BadCursor, and CursorOutdated for one of another chat."""
        # Only the length is looked at before: `cursor` may be any text.
        if len(cursor) != CURSOR_LENGTH or not cursor.isascii():
            raise BadCursor
        try:
            decoded = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise BadCursor from None
        content, checksum = decoded[: _FORMAT.size], decoded[_FORMAT.size :]
        if checksum != _checksum(content):
            raise BadCursor
        version, chat, number = _FORMAT.unpack(content)
        if number > _MAX_NUMBER:
            raise BadCursor
        if version != _VERSION or chat != self._chat:
            raise CursorOutdated
        return int(number)


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:_CHECKSUM_SIZE]
