"""Bodies of webhooks as their senders write them, and the message that each becomes.

The files are written from facts about the senders, with invented values. The messages are in
`expected/`; `python -m tests.payloads` writes them anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chat.errors import NoTextInPayload
from chat.hook_payloads.message import HookMessage
from chat.hook_payloads.reader import read_payload

FOLDER = Path(__file__).parent
EXPECTED = FOLDER / "expected"

_FORM = "application/x-www-form-urlencoded"

# The type of each body that is not said to be JSON; None is no type at all.
_CONTENT_TYPES = {
    "curl.txt": _FORM,
    "curl-form.txt": _FORM,
    "mattermost-multipart.txt": (
        "multipart/form-data; boundary=------------------------d74496d66958873e"
    ),
    "multipart-fields.txt": 'multipart/form-data; boundary="XX"',
    "grafana-old.json": None,
    "raw-line-breaks.json": "text/plain; charset=utf-8",
}

# The headers that say what happened, by the beginning of the name of a file.
_HEADERS = {
    "github-": "X-GitHub-Event",
    "native-gitea-": "X-Gitea-Event",
    "native-gitlab-": "X-Gitlab-Event",
    "sentry-": "Sentry-Hook-Resource",
}


class Request(NamedTuple):
    """A request to a webhook."""

    name: str
    content_type: str | None
    headers: dict[str, str]
    body: bytes

    def read(self) -> HookMessage:
        """The message. Raises NoTextInPayload."""
        return read_payload(self.content_type, self.body, self.headers)


def requests() -> Iterator[Request]:
    """All requests, by the name of their file."""
    for path in sorted([*FOLDER.glob("*.json"), *FOLDER.glob("*.txt")]):
        content_type = _CONTENT_TYPES.get(path.name, "application/json")
        yield Request(path.name, content_type, _headers(path.stem), path.read_bytes())


def _headers(stem: str) -> dict[str, str]:
    if stem == "native-forgejo-review":
        event = "pull_request_approved"
        return {"X-Gitea-Event": event, "X-Forgejo-Event": event, "X-GitHub-Event": event}
    if stem in {"sentry-legacy", "native-gitlab-push"}:
        return {}
    for prefix, header in _HEADERS.items():
        if stem.startswith(prefix):
            return {header: stem.removeprefix(prefix).partition("-")[0]}
    return {}


def shown(request: Request) -> str:
    """What a request becomes, as a person reads it in `expected/`."""
    try:
        message = request.read()
    except NoTextInPayload as refusal:
        return f"refused: {refusal.code}\n"
    sender, address = message.sender, message.address
    facts = {
        "username": sender.username,
        "icon_emoji": sender.icon_emoji,
        "icon_url": sender.icon_url,
        "channel": address.channel,
        "thread_ts": address.thread_ts,
        "ts": address.ts,
        "summary": message.summary,
        "calls everyone": "yes" if message.calls_everyone else "",
        "full text": f"{len(message.full_text):,} characters" if message.full_text else "",
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    lines += [f"{each.color}: {message.text[each.start : each.end]!r}" for each in message.colors]
    return "\n".join([*lines, "-" * 40, message.text, ""])


def expected_path(request: Request) -> Path:
    """The file with the message of a request."""
    return EXPECTED / f"{request.name}.md"
