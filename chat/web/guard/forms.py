"""The forms of the chat's plain pages: their fields, and the key that only those pages know.

Old browsers do not name the page that a form comes from.
"""

import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from chat.web.guard.origins import Origins

# Bytes of a form. One character of a message takes up to twelve.
MAX_FORM_BYTES = 128 * 1024

_MAX_FIELDS = 10


def form_key(token: str) -> str:
    """The key of the forms of a browser: another site knows no token, and so no key."""
    return hashlib.sha256(b"light form " + token.encode()).hexdigest()[:32]


def has_form_key(request: Request, form: Mapping[str, str], origins: Origins, token: str) -> bool:
    """Whether a form is of the chat's own page, and of the browser with this token."""
    if request.headers.get("origin") and not origins.is_allowed(request.scope):
        return False
    key = form.get("key", "")
    return bool(token) and secrets.compare_digest(key.encode(), form_key(token).encode())


async def read_form(request: Request, limit: int = MAX_FORM_BYTES) -> dict[str, str]:
    """The fields of a form; none if it has more than `limit` bytes, or none at all."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > limit:
                return {}
        fields = parse_qs(content.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except (ClientDisconnect, UnicodeDecodeError, ValueError):
        return {}
    return {name: values[0] for name, values in fields.items()}
