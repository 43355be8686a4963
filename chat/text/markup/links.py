"""Which addresses a message may lead to, and which of them are shown before they open."""

import re
import unicodedata
from urllib.parse import urlsplit

from chat.text.names import strip_invisible

# In characters.
ADDRESS_LIMIT = 2000

_ALLOWED = re.compile(
    r"https?://[^/?#\s\\]+[^\s\\]*|mailto:[^\s\\@/?#]+@[^\s\\@/?#]+(\?[^\s\\]*)?", re.IGNORECASE
)

# What reads as an address to a person: a host with a dot, perhaps with a scheme before it.
_HOST = re.compile(r"(?:\w[\w-]*\.)+\w*[^\W\d]\w*")
_SCHEME = re.compile(r"\b(https?|ftp|file|data|javascript)\s*:", re.I)


def allowed(address: str) -> bool:
    """Whether a message may lead there: http, https and mailto with a host, and nothing unseen."""
    if len(address) > ADDRESS_LIMIT or not _ALLOWED.fullmatch(address):
        return False
    if strip_invisible(address) != address:
        return False
    return bool(host_of(address))


def host_of(address: str) -> str:
    """Where an address really leads; "" if that cannot be told."""
    if address[:7].lower() == "mailto:":
        return mailbox(address).rpartition("@")[2].lower()
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def mailbox(address: str) -> str:
    """Whom a mailto address writes to."""
    return address[7:].partition("?")[0]


def is_to_be_shown(text: str, address: str) -> bool:
    """Whether a person is to see the real host first: the text reads as another address, or the
    host is written so that it may be taken for another."""
    host = host_of(address)
    if "xn--" in host or not host.isascii():
        return True
    if address[:4].lower() == "http" and "@" in urlsplit(address).netloc:
        return True
    seen = strip_invisible(unicodedata.normalize("NFKC", text))
    if len(seen) != len(unicodedata.normalize("NFKC", text)):
        return True
    if address[:7].lower() == "mailto:" and seen.casefold() == mailbox(address).casefold():
        return False
    if _SCHEME.search(seen) is None and _HOST.search(seen) is None:
        return False
    head = _SCHEME.sub("", seen).lstrip("/ ").casefold()
    said = _HOST.match(head)
    return said is None or _bare(said[0]) != _bare(host) or head[said.end() :].startswith("@")


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.").rstrip(".")
