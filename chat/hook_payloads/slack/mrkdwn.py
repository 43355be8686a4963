"""Slack's mrkdwn as our markup.

The format: https://docs.slack.dev/messaging/formatting-message-text. Mattermost's texts are
Markdown with Slack's links (https://developers.mattermost.com/integrate/webhooks/incoming). So what
is Markdown stays as it is; only a pair of single stars means what Slack means by it.

Slack has no escapes: a backslash is a character. Formulas and spoilers are ours: their marks are
characters, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chat.hook_payloads import markup_writer
from chat.hook_payloads.markup_writer import escape, escape_label, split_links
from chat.text.emoji import replace_shortcodes
from chat.text.names import EVERYONE, HERE

_FENCE = "```"
# The first line of a fenced block in Markdown: nothing, or the name of a language.
_LANGUAGE = re.compile(r"([\w+#.-]*)[ \t]*\n")

# Names of fenced blocks that are text (`chat/text/markup/reader.py`).
_TEXT_BLOCKS = {"quote", "spoiler", "math"}

_INLINE_CODE = re.compile(r"(?<!`)(?:`[^`\n]+`|``(?:[^`\n]|`(?!`))+``)(?!`)")
_TOKEN = re.compile(r"<([^<>\n]+)>")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITY = re.compile("&(?:amp|lt|gt);")

_CALLS = {"here": HERE, "channel": EVERYONE, "everyone": EVERYONE, "group": EVERYONE}
# Mattermost's words for everyone, as they are typed.
_TYPED_CALL = re.compile(r"(?<![\w@.])@(?:channel|all)(?![\w@-]|\.\w)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)

# What is looked at in a text without code, tokens and addresses.
_MARK = re.compile(r"\*+|~+|\n|`|\\(?=[!-/:-@\[-`{-~]|\Z)|\|\|+|\$\$+|<(?=[^\s<>])")
# Stands for a link, a mention or code behind a text: it is no space, and no letter.
_FOLLOWING = "<"
_ARM = "\\_(ツ)_/¯"
_STYLES = {"*": "**", "~": "~~"}


def to_markup(text: str, *, is_styled: bool = True) -> str:
    """The markup of a text in mrkdwn; unless `is_styled`, only its tokens and entities mean
    something. Code is left as it is."""
    if not is_styled:
        return replace_shortcodes("".join(_literal_pieces(text)))
    pieces, at = list[str](), 0
    while (start := text.find(_FENCE, at)) >= 0:
        pieces.append(_without_fences(text[at:start]))
        content = start + len(_FENCE)
        end = text.find(_FENCE, content)
        end = len(text) if end < 0 else end
        at = min(len(text), end + len(_FENCE))
        pieces.append(_fenced(text[content:end]))
    pieces.append(_without_fences(text[at:]))
    return replace_shortcodes(_on_own_lines(pieces))


def to_label(text: str) -> str:
    """A text in mrkdwn as the text of a link, in one line."""
    pieces = list[str]()
    for kind, piece in _tokens(text):
        pieces.append(_plain_token(piece) if kind else unescape_entities(piece))
    return escape_label(replace_shortcodes("".join(pieces)))


def unescape_entities(text: str) -> str:
    """A text with the three marks that Slack's senders escape."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)


def _fenced(content: str) -> str:
    """A block of code on lines of its own. Slack's may begin and end within a line."""
    if not content.strip():
        return escape(f"{_FENCE}{content}{_FENCE}") if content else ""
    content = unescape_entities(content)
    language = _LANGUAGE.match(content)
    is_markdown = (
        language is not None
        and language[1].lower() not in _TEXT_BLOCKS
        and (not language[1] or content.rstrip(" \t").endswith("\n"))
    )
    start = "" if is_markdown else "\n"
    end = "" if content.endswith("\n") else "\n"
    return f"{_FENCE}{start}{content}{end}{_FENCE}"


def _on_own_lines(pieces: list[str]) -> str:
    """Pieces one after the other; every second one is a block of code."""
    written = list[str]()
    is_code = False
    for number, piece in enumerate(pieces):
        if not piece:
            continue
        was_code, is_code = is_code, number % 2 == 1
        if is_code and written:
            written[-1] = written[-1].rstrip(" ")
        if was_code:
            piece = piece.lstrip(" ")
        needs_break = (is_code and not written[-1].endswith("\n")) if written else False
        if needs_break or (was_code and not piece.startswith("\n")):
            written.append("\n")
        written.append(piece)
    return "".join(written)


def _without_fences(text: str) -> str:
    """The markup of a text that has no fenced blocks."""
    writer = _StyleWriter()
    pieces = list(_pieces(text))
    for number, (kind, piece) in enumerate(pieces, 1):
        if kind == "code":
            writer.add_whole(unescape_entities(piece))
        elif kind == "token":
            writer.add_token(piece)
        else:
            writer.add_text(unescape_entities(piece), is_last=number == len(pieces))
    return writer.text()


def _literal_pieces(text: str) -> Iterator[str]:
    previous = ""
    for kind, piece in _tokens(text):
        previous = _token_markup(piece, previous) if kind else escape(unescape_entities(piece))
        yield previous


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The code, the tokens and the texts of a line of mrkdwn, in order."""
    at = 0
    for found in _INLINE_CODE.finditer(text):
        yield from _tokens(text[at : found.start()])
        yield "code", found[0]
        at = found.end()
    yield from _tokens(text[at:])


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """The tokens in angle brackets, and the texts between them."""
    at = 0
    for found in _TOKEN.finditer(text):
        if found[1][0] in "@#!" or _ADDRESS.match(found[1]):
            if found.start() > at:
                yield "", text[at : found.start()]
            yield "token", found[1]
            at = found.end()
    if at < len(text):
        yield "", text[at:]


def _token_markup(token: str, before: str) -> str:
    """The markup of a token, with a space before a mention that follows a word."""
    name = escape(_mention(token))
    if name:
        return f" {name}" if before[-1:].isalnum() else name
    target, _, label = token.partition("|")
    if target[0] in "@#!":
        return escape(_plain_token(token)) if not _date_link(token) else _date_markup(token)
    return markup_writer.link(unescape_entities(label), unescape_entities(target))


def _mention(token: str) -> str:
    """The mention that a token stands for, or ""."""
    target, _, label = token.partition("|")
    kind, target = target[0], unescape_entities(target[1:])
    label = unescape_entities(label).strip()
    if kind == "@":
        return f"@{label.lstrip('@') or target}"
    if kind != "!":
        return ""
    word, _, rest = target.partition("^")
    if word in _CALLS:
        return f"@{_CALLS[word]}"
    if word == "subteam":
        return f"@{label.lstrip('@') or rest}"
    return ""


def _plain_token(token: str) -> str:
    """The text of a token, without markup."""
    if (mention := _mention(token)) or not token:
        return mention
    target, _, label = token.partition("|")
    kind, target = target[0], unescape_entities(target)
    label = unescape_entities(label)
    if kind == "#":
        return f"#{label.lstrip('#') or target[1:]}"
    if target.startswith("!date^"):
        return label or _date(target)
    if kind == "!":
        return label or f"<{target}>"
    return f"{label} ({target})" if label and label != target else target


def _date(target: str) -> str:
    """The time of `!date^1392734382^{date}`, for a token without a text of its own."""
    _, _, rest = target.partition("^")
    seconds = rest.partition("^")[0]
    is_number = seconds.isascii() and seconds.isdigit() and len(seconds) < 13
    return (markup_writer.utc_time(int(seconds)) if is_number else "") or f"<{target}>"


def _date_link(token: str) -> str:
    """The address behind a date: `!date^1392734382^{date}^https://example.com/`."""
    target = token.partition("|")[0]
    parts = target.split("^", 3)
    return parts[3] if parts[0] == "!date" and len(parts) == 4 else ""


def _date_markup(token: str) -> str:
    return markup_writer.link(_plain_token(token), unescape_entities(_date_link(token)))


@dataclass(slots=True)
class _StyleWriter:
    """Writes a text piece by piece, and pairs the stars and tildes on each line."""

    _pieces: list[str] = field(default_factory=list)
    # For each mark: where it is in `_pieces` if a later one on this line may close it.
    _opened: dict[str, int] = field(default_factory=dict)
    # The first character of the line that is no space.
    _line_start: str = ""

    def text(self) -> str:
        """What was written. A mark that nothing closes is a character."""
        self._end_line()
        return "".join(self._pieces)

    def add_whole(self, markup: str) -> None:
        """Add markup in which no style begins or ends."""
        if markup:
            self._pieces.append(markup)
            self._line_start = self._line_start or markup.lstrip()[:1]

    def add_token(self, token: str) -> None:
        """Add what a token stands for."""
        markup = _token_markup(token, "".join(self._pieces[-1:]))
        if markup.startswith("[") and self._last_character() == "!":
            # A link behind an exclamation mark would be a picture.
            self._pieces[-1] = f"{self._pieces[-1][:-1]}\\!"
        self.add_whole(markup)

    def add_text(self, text: str, *, is_last: bool) -> None:
        """Add a text, behind which a token or code may follow. Addresses are left as they are."""
        text = _TYPED_CALL.sub(f"@{EVERYONE}", text)
        # A mention and the word behind it would be one name.
        last = "".join(self._pieces[-1:])
        if last.lstrip().startswith("@") and text[:1].isalnum():
            self.add_whole(" ")
        pieces = list(split_links(text))
        for number, (is_link, piece) in enumerate(pieces, 1):
            if is_link:
                self.add_whole(piece)
            else:
                self._add_marks(piece, "" if is_last and number == len(pieces) else _FOLLOWING)

    def _add_marks(self, text: str, following: str) -> None:
        at = 0
        for found in _MARK.finditer(text):
            self.add_whole(text[at : found.start()])
            at = found.end()
            before = text[found.start() - 1 : found.start()] or self._last_character()
            is_arm = text.startswith(_ARM, found.start())
            self._add_mark(found[0], before, text[at : at + 1] or following, is_arm)
        self.add_whole(text[at:])

    def _add_mark(self, mark: str, before: str, after: str, is_arm: bool) -> None:
        if mark in _STYLES:
            self._add_style(mark, before, after)
        elif mark == "\n":
            self._end_line()
            self._pieces.append(mark)
        elif mark[0] in "*~" or (mark[0] == "|" and self._line_start == "|"):
            # Bold and strike of Markdown; two bars in a row of a table are an empty cell.
            self.add_whole(mark)
        elif mark[0] in "|$":
            self.add_whole("".join(f"\\{each}" for each in mark))
        else:
            self.add_whole(mark if is_arm else f"\\{mark}")

    def _add_style(self, mark: str, before: str, after: str) -> None:
        is_opening = not before.isalnum() and after != "" and not after.isspace()
        is_closing = before != "" and not before.isspace() and not after.isalnum()
        opened = self._opened.pop(mark, None)
        if opened is not None and is_closing:
            self._pieces[opened] = _STYLES[mark]
            self.add_whole(_STYLES[mark])
            return
        if opened is not None:
            self._pieces[opened] = _unpaired(mark)
        if is_opening:
            self._opened[mark] = len(self._pieces)
        # A star before a space is the bullet of a list, or means nothing.
        self.add_whole(mark if is_opening or after.isspace() else _unpaired(mark))

    def _end_line(self) -> None:
        for mark, at in self._opened.items():
            self._pieces[at] = _unpaired(mark)
        self._opened.clear()
        self._line_start = ""

    def _last_character(self) -> str:
        return self._pieces[-1][-1:] if self._pieces else ""


def _unpaired(mark: str) -> str:
    """A mark that is a character. A single tilde means nothing in our markup."""
    return "\\*" if mark == "*" else mark
