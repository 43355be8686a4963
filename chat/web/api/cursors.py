"""Cursors: where the next page of a list begins. What is in one is nobody's business but ours."""

import base64
import binascii
import re

from chat.errors import gettext_noop
from chat.web.api.errors import ErrorCode, RequestRefused

CURSOR_LIMIT = 100

# Ids are counted to 2**63.
_CONTENT = re.compile(rb"([a-z]+):([0-9]{1,18})")


def encode_cursor(list_name: str, last_id: int) -> str:
    """The cursor after the item with this id."""
    return base64.urlsafe_b64encode(f"{list_name}:{last_id}".encode()).decode().rstrip("=")


def decode_cursor(list_name: str, cursor: str | None) -> int | None:
    """The id in a cursor of this list; None without a cursor. Raises RequestRefused."""
    if cursor is None:
        return None
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        content = b""
    found = _CONTENT.fullmatch(content)
    if found is None or found[1].decode() != list_name:
        sentence = gettext_noop("This cursor is not of this list. Begin without one.")
        raise RequestRefused(ErrorCode.BAD_CURSOR, sentence)
    return int(found[2])
