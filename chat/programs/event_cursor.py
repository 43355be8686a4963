"""The cursor of events: a position in the sequence of the store, as a short opaque text.

One number is enough for any number of rooms, because all posts and changes have numbers of one
sequence. A restored copy of the data counts on from an older number, and gives the same numbers to
other messages. Therefore the cursor has the id of the run of the process that gave it, and the
store knows where each run ended.
"""

import base64
import binascii
import hashlib
import struct
from bisect import bisect_left
from collections.abc import Sequence

from chat.errors import BadCursor, CursorOutdated
from chat.model.sequence import SequenceRun

# Characters of a cursor. All have the same length.
CURSOR_LENGTH = 28

# Runs whose cursors are known; older ones are refused.
RUN_LIMIT = 1000

# A version, the id of the run, the number, and a checksum of all that.
_FORMAT = struct.Struct(">B8sQ")
_VERSION = 1
_CHECKSUM_SIZE = 4


class EventCursors:
    """Writes the cursors of the last of these runs, and reads those of all of them."""

    def __init__(self, runs: Sequence[SequenceRun]) -> None:
        self._run = bytes.fromhex(runs[-1].id)
        self._runs = tuple(runs)
        # The last number that a run may have told; the last run goes on.
        ends = [*(each.after for each in runs[1:]), None]
        self._ends = {bytes.fromhex(each.id): end for each, end in zip(runs, ends, strict=True)}

    def encode(self, number: int) -> str:
        """The cursor after the post or change with this number."""
        content = _FORMAT.pack(_VERSION, self._run, number)
        return base64.urlsafe_b64encode(content + _checksum(content)).decode()

    def run_of(self, number: int) -> str:
        """The id of the run that gave a post or a change this number.

        With the number it names that post or change for ever: a copy of the data that is restored
        gives the number again, in another run.
        """
        later = bisect_left(self._runs, number, key=lambda each: each.after)
        return self._runs[max(0, later - 1)].id

    def decode(self, cursor: str, last: int) -> int:
        """The number in a cursor, of a store with this last number.

        Raises BadCursor, and CursorOutdated for a cursor of another chat, or of data that were
        replaced by an older copy.
        """
        if len(cursor) != CURSOR_LENGTH or not cursor.isascii():
            raise BadCursor
        try:
            decoded = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise BadCursor from None
        content, checksum = decoded[: _FORMAT.size], decoded[_FORMAT.size :]
        if checksum != _checksum(content):
            raise BadCursor
        version, run, number = _FORMAT.unpack(content)
        if version != _VERSION or run not in self._ends:
            raise CursorOutdated
        end = self._ends[run]
        if number > (last if end is None else end):
            raise CursorOutdated
        return int(number)


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:_CHECKSUM_SIZE]
