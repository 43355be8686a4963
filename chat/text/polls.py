"""What a poll may ask: a question and two to ten options."""

import unicodedata
from collections.abc import Sequence

from chat.errors import BadPoll
from chat.text.message_text import checked_text, is_blank
from chat.text.names import same_name, visible

QUESTION_LIMIT = 300
OPTION_LIMIT = 80
FEWEST, MOST = 2, 10

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

# Persian and the scripts of India are not written without them, nor is 👩‍🚀.
_JOINERS = "\u200c\u200d"


def checked_poll(question: str, options: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The question and the options to store, each option one line. Raises BadPoll, BadText."""
    if is_blank(question):
        raise BadPoll("A poll asks something. Write it like this: /poll “Lunch?” “Soup” “Salad”")
    if len(question) > QUESTION_LIMIT:
        raise BadPoll(
            "This question is too long. Use at most {limit} characters.", limit=QUESTION_LIMIT
        )
    if not FEWEST <= len(options) <= MOST:
        raise BadPoll(
            "A poll has {fewest} to {most} options, and this one has {count}. "
            "Put the question and each option in quotes.",
            fewest=FEWEST,
            most=MOST,
            count=len(options),
        )
    found = dict[str, str]()
    for option in map(_checked_option, options):
        if same_name(option) in found:
            raise BadPoll("“{option}” stands there twice. Once is enough.", option=option)
        found[same_name(option)] = option
    return checked_text(question), tuple(found.values())


def _checked_option(raw: str) -> str:
    if not visible(raw):
        raise BadPoll("An option of this poll is empty. Write something in it, or leave it out.")
    option = " ".join(unicodedata.normalize("NFC", raw[: 4 * OPTION_LIMIT]).split())
    if len(raw) > 4 * OPTION_LIMIT or len(option) > OPTION_LIMIT:
        raise BadPoll(
            "“{begin}…” is too long for an option. Use at most {limit} characters.",
            begin=option[:20],
            limit=OPTION_LIMIT,
        )
    if any(unicodedata.category(c) in _UNSEEN and c not in _JOINERS for c in option):
        raise BadPoll(
            "“{option}” holds characters that cannot be seen. Leave them out.",
            option="".join(c for c in option if unicodedata.category(c) not in _UNSEEN),
        )
    return option
