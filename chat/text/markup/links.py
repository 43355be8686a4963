"""Links in messages: allowed URLs, and those that need a warning before they open."""

import re
import unicodedata
from itertools import pairwise
from urllib.parse import urlsplit

from chat.text.display import clamp_combining_marks
from chat.text.names import strip_invisible

# In characters.
URL_LIMIT = 2000

_ALLOWED_URL = re.compile(
    r"https?://[^/?#\s\\]+[^\s\\]*|mailto:[^\s\\@/?#]+@[^\s\\@/?#]+(\?[^\s\\]*)?", re.IGNORECASE
)

# Nobody reads a longer text of a link to its end, in characters.
_MAX_READ_LENGTH = 500

# Text that people read as an address: a host with a dot, perhaps after a scheme.
_HOST_RUN = re.compile(r"[\w.-]*")
_LABEL = re.compile(r"\w[\w-]*")
_LAST_LABEL = re.compile(r"\d*[^\W\d]\w*")
_SCHEME = re.compile(r"\b(https?|ftp|file|data|javascript)\s*:", re.I)


def is_allowed_url(url: str) -> bool:
    """Whether a URL is http, https or mailto with a host, and has no invisible characters."""
    if len(url) > URL_LIMIT or not _ALLOWED_URL.fullmatch(url):
        return False
    if strip_invisible(url) != url:
        return False
    return bool(host_of(url))


def host_of(url: str) -> str:
    """The host of a URL, or "" if there is none."""
    if url[:7].lower() == "mailto:":
        return mailbox(url).rpartition("@")[2].lower()
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def mailbox(url: str) -> str:
    """The recipient of a mailto URL."""
    return url[7:].partition("?")[0]


def needs_warning(text: str, url: str) -> bool:
    """Whether to show the real host before a link opens: its text reads as another address, or the
    host itself can be mistaken for another."""
    host = host_of(url)
    if "xn--" in host or not host.isascii():
        return True
    if url[:4].lower() == "http" and "@" in urlsplit(url).netloc:
        return True
    if len(text) > _MAX_READ_LENGTH or clamp_combining_marks(text) != text:
        return True
    normal_text = unicodedata.normalize("NFKC", text)
    visible_text = strip_invisible(normal_text)
    if len(visible_text) != len(normal_text):
        return True
    if url[:7].lower() == "mailto:" and visible_text.casefold() == mailbox(url).casefold():
        return False
    if _SCHEME.search(visible_text) is None and not _has_host(visible_text):
        return False
    head = _SCHEME.sub("", visible_text).lstrip("/ ").casefold()
    shown_host = _host_at_start(head)
    return (
        not shown_host
        or _normalize_host(shown_host) != _normalize_host(host)
        or head[len(shown_host) :].startswith("@")
    )


def _has_host(text: str) -> bool:
    """Whether people read any part of a text as an address."""
    return any(
        label.strip("-") and _LAST_LABEL.match(following)
        for run in _HOST_RUN.findall(text)
        for label, following in pairwise(run.split("."))
    )


def _host_at_start(text: str) -> str:
    """The longest address with which a text begins, or ""."""
    run = _HOST_RUN.match(text)
    assert run is not None, "it may be empty"
    start, end = 0, 0
    for label in run[0].split("."):
        if start and (last := _LAST_LABEL.match(label)):
            end = start + last.end()
        if not _LABEL.fullmatch(label):
            break
        start += len(label) + 1
    return text[:end]


def _normalize_host(host: str) -> str:
    return host.casefold().removeprefix("www.").rstrip(".")
