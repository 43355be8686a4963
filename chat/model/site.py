"""The title and the URLs of the chat, for its visitors."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """`url` is the address of the chat; `reachable` tells whether other computers can open it.

    `local_url` is the address on this computer, without TLS. `static_url` is the path that the page
    loads its files from, and `base_path` the prefix of all its paths, as `/team`, or "".
    `certificate_words` is the fingerprint of the chat's own certificate, "" without one.
    """

    title: str
    url: str
    reachable: bool
    static_url: str = "/"
    certificate_words: str = ""
    base_path: str = ""
    local_url: str = ""
