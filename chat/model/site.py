"""The title and the URLs of the chat, for its visitors."""

from dataclasses import dataclass

# Invitations are below it: `/join/<code>`.
JOIN_PATH = "/join"


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """`url` is the address of the chat; `reachable` tells whether other computers can open it.

    It `is_public` if people of the internet may open it. `local_url` is the address on this
    computer, without TLS. `static_url` is the path that the page loads its files from, and
    `base_path` the prefix of all its paths, as `/team`, or "". `certificate_words` is the
    fingerprint of the chat's own certificate, "" without one.
    """

    title: str
    url: str
    reachable: bool
    static_url: str = "/"
    certificate_words: str = ""
    base_path: str = ""
    local_url: str = ""
    is_public: bool = False

    def join_url(self, code: str) -> str:
        """The link of an invitation."""
        return f"{self.url.rstrip('/')}{JOIN_PATH}/{code}"
