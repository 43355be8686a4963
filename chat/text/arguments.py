"""Arguments as people type them: words, or several words in quotes of any script."""

from chat.errors import BadCommand

# What opens a quote, and what may close it.
_PAIRS = {
    '"': '"',
    "＂": "＂",
    "“": "”",
    "”": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "《": "》",
}


def split_arguments(text: str) -> list[str]:
    """The arguments in `text`: what is quoted, and words; without quotes each line is one.

    In quotes a backslash stands before one that is meant itself. Raises BadCommand for a quote
    that is not closed.
    """
    if "\n" in text.strip() and not any(c in _PAIRS for c in text):
        return [line.strip() for line in text.splitlines() if line.strip()]
    found, at = list[str](), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in _PAIRS:
            argument, at = _read_quoted(text, at)
            found.append(argument)
        else:
            end = at
            while end < len(text) and not text[end].isspace() and text[end] not in _PAIRS:
                end += 1
            found.append(text[at:end])
            at = end
    return found


def _read_quoted(text: str, at: int) -> tuple[str, int]:
    """What the quote that opens at an index holds, and the index after it."""
    closing, inside, end = _PAIRS[text[at]], list[str](), at + 1
    while end < len(text) and text[end] not in closing:
        if text[end] == "\\" and text[end + 1 : end + 2] and text[end + 1] in closing + "\\":
            end += 1
        inside.append(text[end])
        end += 1
    if end == len(text):
        quote_start = " ".join(text[at : at + 24].split())
        raise BadCommand(
            "The quote that begins with {words} is not closed. Put {mark} where it ends.",
            words=quote_start,
            mark=closing[-1],
        )
    return "".join(inside).strip(), end + 1
