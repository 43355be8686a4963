"""Splitting of command arguments: words, or texts in quotes of any script."""

from chat.errors import BadCommand

# Each opening quote, and the quotes that may close it.
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
    """The arguments in `text`: quoted texts and words. Several lines without quotes are one each.

    In quotes a backslash escapes the closing quote. Raises BadCommand for an unclosed quote.
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
    """The text of the quote that opens at an index, and the index after it."""
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
