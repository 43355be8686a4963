"""The colour of an attachment, as senders write it.

Slack's names and hex digits: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
Gitea writes a number in hex without leading zeros, and without "#" (`services/webhook/slack.go`).
"""

import re

_NAMED = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}
_HEX = re.compile(r"#?([0-9a-f]{3,6})", re.IGNORECASE)

GOOD, WARNING, DANGER = _NAMED["good"], _NAMED["warning"], _NAMED["danger"]


def color_of(value: str) -> str:
    """A colour as “#rrggbb”, or "" if the value names none."""
    word = value.strip().lower()
    if word in _NAMED:
        return _NAMED[word]
    found = _HEX.fullmatch(word)
    if found is None:
        return ""
    digits = found[1]
    if len(digits) == 3:
        digits = "".join(2 * each for each in digits)
    return f"#{digits:0>6}"
