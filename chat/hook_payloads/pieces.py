"""What an adapter makes of a payload: parts of pieces of markup."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """Markup between two blank lines: a paragraph, a heading, a table, code.

    An @ sign of a piece with `can_mention` mentions somebody; elsewhere it is a character.
    """

    text: str
    can_mention: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces that belong together, with the colour of their bar, or ""."""

    pieces: tuple[Piece, ...]
    color: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """What a payload says of its sender. Nobody has checked it: it is no person's name.

    `icon_emoji` is one emoji, or "". `icon_url` must never be fetched by the server.
    """

    username: str = ""
    icon_emoji: str = ""
    icon_url: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the payload asks to be posted, as its sender wrote it: unchecked."""

    channel: str = ""
    thread_ts: str = ""
    ts: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that an adapter found in a payload. `summary` is markup of the notification's line.

    `is_typed` says that it is a text as a person types it, which may mean anything.
    """

    parts: tuple[Part, ...] = ()
    summary: str = ""
    sender: Sender = field(default_factory=Sender)
    address: Address = field(default_factory=Address)
    is_typed: bool = False
