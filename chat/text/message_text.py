"""What a name and a message may hold: limits, normalising, and a reason for each refusal."""

import re
import unicodedata
from functools import cache

from chat.errors import BadName, BadText, TextTooLong

NAME_LIMIT = 32
TEXT_LIMIT = 10_000

# Room for accents and joiners around 32 visible characters, and an end to towers of them.
_NAME_RAW_LIMIT = 4 * NAME_LIMIT

# Unicode TR9: embeddings, overrides and isolates turn the text around them too.
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

# Letters and symbols by category that nevertheless draw nothing: fillers and the Braille blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

# Vietnamese, Hebrew or Thai stack up to three marks on a letter; towers reach into other lines.
_MARKS_IN_A_ROW = 4

_DRAWS_NOTHING = frozenset({"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"})


def visible(text: str) -> int:
    """How many characters of `text` take their own place on the screen."""
    return sum(
        unicodedata.category(c) not in _DRAWS_NOTHING and c not in _BLANK_LETTERS for c in text
    )


def checked_name(raw: str) -> str:
    """The name to store: NFKC, single spaces, 1 to 32 visible characters. Raises BadName."""
    if len(raw) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if any(c in _BIDI_CONTROLS for c in raw):
        raise BadName("This name holds characters that turn the text around. Leave them out.")
    name = unicodedata.normalize("NFKC", raw)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"} for c in name):
        raise BadName("This name holds control characters. Type it with letters and digits.")
    name = " ".join(name.split())
    if not name:
        raise BadName("Name cannot be blank!")
    length = visible(name)
    if not length:
        raise BadName("This name cannot be seen. Use at least one letter or digit.")
    if length + name.count(" ") > NAME_LIMIT or len(name) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if _tallest_tower(name) > _MARKS_IN_A_ROW:
        raise BadName("This name has too many accents on one letter. Leave some out.")
    return name


def _tallest_tower(name: str) -> int:
    """The most marks that stand on one character of `name`."""
    tallest = height = 0
    for c in name:
        height = height + 1 if unicodedata.category(c) in {"Mn", "Me"} else 0
        tallest = max(tallest, height)
    return tallest


def same_name(name: str) -> str:
    """A key that is equal for names which people would read as one."""
    seen = without_unseen(unicodedata.normalize("NFKC", name))
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def without_unseen(name: str) -> str:
    """`name` without the characters that draw nothing of their own."""
    return "".join(c for c in name if _is_seen(c))


def _is_seen(c: str) -> bool:
    # U+FE00 to U+FE0F choose between two pictures of one character.
    return (
        unicodedata.category(c) not in {"Cc", "Cf"}
        and c not in _BLANK_LETTERS
        and not "\ufe00" <= c <= "\ufe0f"
    )


def checked_text(raw: str) -> str:
    """The text of a message as it is stored: exactly what was typed.

    At most 10,000 characters (counted first, before any other work). Raises BadText, whose
    child TextTooLong says by how much.
    """
    if is_blank(checked_caption(raw)):
        raise BadText("There is nothing to send yet. Write a message first.")
    return raw


def checked_caption(raw: str) -> str:
    """As `checked_text`, of a message with files, which may be without a word."""
    if len(raw) > TEXT_LIMIT:
        raise TextTooLong(len(raw), TEXT_LIMIT)
    if "\x00" in raw:
        raise BadText("This message holds a NUL character, which cannot be stored. Remove it.")
    if any("\ud800" <= c <= "\udfff" for c in raw):
        raise BadText("This message holds half a character, which cannot be stored. Retype it.")
    return raw


# `/me waves`, on one line or several.
_DOING = re.compile(r"/me\s+(?=\S)", re.IGNORECASE)


def doing(text: str) -> str | None:
    """What a message says that its author does, `waves` of `/me waves`; else None."""
    if not text.startswith("/"):
        return None
    found = _DOING.match(text)
    return None if found is None else text[found.end() :]


def told(name: str, text: str) -> str:
    """What `name` says, as it is told elsewhere: “Ann waves” of `/me waves`, all else as it is."""
    deed = doing(text)
    return text if deed is None else f"{name} {deed}"


def is_blank(text: str) -> bool:
    """Whether nothing of `text` could be seen."""
    return visible(text) == 0


# So many marks on a letter are drawn; Vietnamese, Hebrew, Thai and Tibetan need fewer.
_MARKS_DRAWN = 8

_ISOLATE, _POP = "\u2068", "\u2069"


def drawn(text: str) -> str:
    """`text` as it may be drawn: without towers of marks that would reach into other lines."""
    return text if text.isascii() else _towers().sub(lambda tower: tower[0][:_MARKS_DRAWN], text)


@cache
def _towers() -> "re.Pattern[str]":
    marks = [chr(c) for c in range(0x300, 0x1E950) if unicodedata.category(chr(c)) in {"Mn", "Me"}]
    return re.compile(f"[{re.escape(''.join(marks))}]{{{_MARKS_DRAWN + 1},}}")


def isolated(text: str) -> str:
    """`text` so that what turns it around does not turn around what is drawn beside it."""
    if text.isascii() or not any(c in _BIDI_CONTROLS for c in text):
        return text
    return "\n".join(_isolated_line(line) for line in text.split("\n"))


def _isolated_line(line: str) -> str:
    kept, depth = list[str](), 0
    for c in line:
        if "\u2066" <= c <= _ISOLATE:
            depth += 1
        elif c == _POP:
            if not depth:
                # It would end ours.
                continue
            depth -= 1
        kept.append(c)
    return _ISOLATE + "".join(kept) + _POP * (depth + 1)


def reads_from_right(text: str) -> bool:
    """Whether the first character with a direction reads from right to left (UAX #9, P2)."""
    if text.isascii():
        return False
    depth = 0
    for c in text:
        direction = unicodedata.bidirectional(c)
        if direction in {"LRI", "RLI", "FSI"}:
            depth += 1
        elif direction == "PDI":
            depth = max(0, depth - 1)
        elif not depth and direction in {"L", "R", "AL"}:
            return direction != "L"
    return False
