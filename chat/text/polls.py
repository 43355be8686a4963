"""Validation of polls: a question and two to ten options."""

import unicodedata
from collections.abc import Sequence

from chat.errors import BadPoll
from chat.text.message_text import is_blank, validate_text
from chat.text.names import name_key, visible_length

QUESTION_LIMIT = 300
OPTION_LIMIT = 80
MIN_OPTIONS, MAX_OPTIONS = 2, 10

_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

# Persian and the scripts of India are not written without them, nor is 👩‍🚀.
_JOINERS = "\u200c\u200d"


def validate_poll(question: str, options: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The question and the options to store, each option one line. Raises BadPoll, BadText."""
    if is_blank(question):
        raise BadPoll("A poll needs a question. Write one first.")
    if len(question) > QUESTION_LIMIT:
        raise BadPoll(
            "This question is too long. Use at most {limit} characters.", limit=QUESTION_LIMIT
        )
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        raise BadPoll(
            "A poll has {fewest} to {most} options, and this one has {count}. "
            "Add what is missing, or leave some out.",
            fewest=MIN_OPTIONS,
            most=MAX_OPTIONS,
            count=len(options),
        )
    found = dict[str, str]()
    for option in map(_validate_option, options):
        if name_key(option) in found:
            raise BadPoll("“{option}” is listed twice. Remove one of the two.", option=option)
        found[name_key(option)] = option
    return validate_text(question), tuple(found.values())


def _validate_option(raw: str) -> str:
    if not visible_length(raw):
        raise BadPoll("An option of this poll is empty. Write something in it, or leave it out.")
    option = " ".join(unicodedata.normalize("NFC", raw[: 4 * OPTION_LIMIT]).split())
    if len(raw) > 4 * OPTION_LIMIT or len(option) > OPTION_LIMIT:
        raise BadPoll(
            "“{begin}…” is too long for an option. Use at most {limit} characters.",
            begin=option[:20],
            limit=OPTION_LIMIT,
        )
    if any(unicodedata.category(c) in _FORBIDDEN_CATEGORIES and c not in _JOINERS for c in option):
        raise BadPoll(
            "“{option}” holds characters that cannot be seen. Leave them out.",
            option="".join(
                c for c in option if unicodedata.category(c) not in _FORBIDDEN_CATEGORIES
            ),
        )
    return option
