"""What a visitor of the site is told: its title and its address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """Where others find this chat; `reachable` is whether more than this computer can.

    `files` is where the page has its files from.
    """

    title: str
    url: str
    reachable: bool
    static_url: str = "/"
