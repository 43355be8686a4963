"""The body of a request: JSON, a form, multipart, or text, whatever its type says.

Tools rarely say what they send: `curl -d` calls everything a form, some send no type at all, and
JSON comes as text. So the content decides, and what cannot be read as more is text.
"""

import codecs
import json
import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from chat.hook_payloads.json_values import depth_of
from chat.hook_payloads.limits import MAX_DEPTH, MAX_FORM_FIELDS
from chat.hook_payloads.multipart import multipart_fields

# A text that begins so is a form, even if its type says nothing: `curl -d text=hello`.
_FORM_START = re.compile(
    r"(?:payload|text|attachments|blocks|username|channel|icon_url|icon_emoji|mrkdwn|thread_ts)="
)

# Encodings that are decoded in a time that grows with the length. (That of punycode does not.)
_ENCODINGS = {
    codecs.lookup(name).name
    for name in (
        *("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
        *("utf-32", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256"),
        *("iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15", "koi8-r", "koi8-u"),
        *("gb2312", "gbk", "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr"),
    )
}

# The longest number that Python converts without an error is of 4,300 digits.
_LONG_NUMBER = 1_000


@dataclass(frozen=True, slots=True)
class Json:
    """A body that is JSON, or the JSON in a form's field, or a form's fields as an object."""

    value: object


def decode_body(content_type: str | None, body: bytes) -> Json | str:
    """A body as JSON, or as text. Raises nothing: what is broken is text."""
    kind, parameters = _content_type(content_type)
    if kind.startswith("multipart/") and (boundary := parameters.get("boundary", "")):
        fields = multipart_fields(body, boundary)
        if fields is not None:
            return _form([(name, _field_text(content)) for name, content in fields])
    text = _decoded(body, parameters.get("charset", ""))
    # A text in quotation marks is JSON only if its type says so.
    is_text = text.lstrip()[:1] == '"' and not kind.endswith("json")
    if not is_text and (value := _json(text)) is not None:
        return value
    if _FORM_START.match(text) and not kind.startswith("text/"):
        try:
            pairs = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
        except ValueError:
            return text
        return _form(pairs)
    return text


def _form(pairs: list[tuple[str, str]]) -> Json | str:
    """The JSON of the field `payload`, or all fields as an object."""
    fields = dict(pairs)
    payload = fields.get("payload")
    if payload is None:
        return Json(fields)
    return _json(payload) or payload


def _field_text(content: bytes) -> str:
    """The text of a field, or the size of a file that is none."""
    return f"({len(content):,} bytes)" if b"\x00" in content else _decoded(content, "")


def _json(text: str) -> Json | None:
    """A text as JSON; None if it is none, or is nested too deep.

    A line break within a string is a part of it: `curl -d` and templates leave it as it is.
    """
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if begin not in {"{", "[", '"'}:
        return None
    try:
        value = json.loads(text.lstrip("\ufeff"), strict=False, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    return None if depth_of(value, MAX_DEPTH) > MAX_DEPTH else Json(value)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONG_NUMBER else digits


def _content_type(value: str | None) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters."""
    if value is None or len(value) > _HEADER_LIMIT:
        return "", {}
    header = Message()
    header["content-type"] = " ".join(value.split())
    parameters = header.get_params(failobj=[]) or []
    kind = value.partition(";")[0].strip().lower()
    return kind, {name.lower(): text for name, text in parameters[1:] if isinstance(text, str)}


# The longest type that is read, in characters.
_HEADER_LIMIT = 1_000


def _decoded(body: bytes, charset: str) -> str:
    """A text in the encoding that its type says, else UTF-8, else what Windows would read."""
    for name in (charset, "utf-8-sig"):
        try:
            if name and codecs.lookup(name).name in _ENCODINGS:
                return body.decode(name)
        except (LookupError, ValueError):
            continue
    return body.decode("utf-8", "replace")
