"""Links in messages: allowed URLs, and those that need a warning before they open."""

import re
import unicodedata
from urllib.parse import urlsplit

from chat.text.names import strip_invisible

# In characters.
URL_LIMIT = 2000

_ALLOWED_URL = re.compile(
    r"https?://[^/?#\s\\]+[^\s\\]*|mailto:[^\s\\@/?#]+@[^\s\\@/?#]+(\?[^\s\\]*)?", re.IGNORECASE
)

# Text that people read as an address: a host with a dot, perhaps after a scheme.
_HOST = re.compile(r"(?:\w[\w-]*\.)+\w*[^\W\d]\w*")
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
    visible_text = strip_invisible(unicodedata.normalize("NFKC", text))
    if len(visible_text) != len(unicodedata.normalize("NFKC", text)):
        return True
    if url[:7].lower() == "mailto:" and visible_text.casefold() == mailbox(url).casefold():
        return False
    if _SCHEME.search(visible_text) is None and _HOST.search(visible_text) is None:
        return False
    head = _SCHEME.sub("", visible_text).lstrip("/ ").casefold()
    shown_host = _HOST.match(head)
    return (
        shown_host is None
        or _normalize_host(shown_host[0]) != _normalize_host(host)
        or head[shown_host.end() :].startswith("@")
    )


def _normalize_host(host: str) -> str:
    return host.casefold().removeprefix("www.").rstrip(".")
