"""The fields of a multipart body (RFC 7578), read in memory.

The body is small (the route has a limit), and only its texts are wanted. So this is a search for
the boundary, without a parser that works through a stream.
"""

from email.message import Message

from chat.hook_payloads.limits import MAX_FORM_FIELDS


def multipart_fields(body: bytes, boundary: str) -> list[tuple[str, bytes]] | None:
    """Name and content of each part, in order. None if the body has none, or too many."""
    try:
        delimiter = b"--" + boundary.encode("ascii")
    except UnicodeEncodeError:
        return None
    if not boundary or not body.startswith(delimiter):
        # A text before the first part is no part (RFC 2046).
        start = body.find(b"\n" + delimiter)
        if not boundary or start < 0:
            return None
        body = body[start + 1 :]
    # One more than the limit, and what is before the first and behind the last delimiter.
    pieces = (b"\n" + body).split(b"\n" + delimiter, MAX_FORM_FIELDS + 3)
    fields = [field for piece in pieces[1:] if (field := _field(piece)) is not None]
    return fields if 0 < len(fields) <= MAX_FORM_FIELDS else None


def _field(piece: bytes) -> tuple[str, bytes] | None:
    """The name and the content of one part; None at the end of the body."""
    if piece.startswith(b"--"):
        return None
    head, blank_line, content = piece.partition(b"\r\n\r\n")
    if not blank_line:
        head, blank_line, content = piece.partition(b"\n\n")
    if not blank_line:
        return None
    for line in head.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition" and len(value) <= _HEADER_LIMIT:
            header = Message()
            header["content-disposition"] = value.strip()
            found = header.get_param("name", "", "content-disposition")
            return (found if isinstance(found, str) else found[2]), content.removesuffix(b"\r")
    return "", content.removesuffix(b"\r")


# The longest header of a part, in characters.
_HEADER_LIMIT = 1_000
