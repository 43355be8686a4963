"""What apprise sends to `json://` (https://appriseit.com/services/json/).

To `mmost://` it sends Mattermost's fields.
"""

from collections.abc import Mapping

from chat.hook_payloads.colors import DANGER, GOOD, WARNING
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.limits import MAX_ATTACHMENTS
from chat.hook_payloads.markup_writer import bold, closed, escape_line, inline_code, joined
from chat.hook_payloads.pieces import Content, Part, Piece, Sender

_COLORS = {"info": "", "success": GOOD, "warning": WARNING, "failure": DANGER}


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of a notification; None if the payload is none. The files in it are named."""
    kind = payload.text("type")
    is_notification = all(each in payload for each in ("version", "message", "title"))
    if not is_notification or kind not in _COLORS or "text" in payload:
        return None
    files = payload.objects("attachments")[:MAX_ATTACHMENTS]
    names = joined((inline_code(each.text("filename")) for each in files), ", ")
    pieces = [
        Piece(bold(escape_line(payload.text("title")))),
        Piece(closed(payload.text("message"))),
        Piece(f"Files that are not here: {names}" if names else ""),
    ]
    return Content((Part(tuple(pieces), _COLORS[kind]),), sender=Sender("Apprise"))
