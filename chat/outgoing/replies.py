"""What a receiver answers, as a message of the room: JSON with a `text`, as Mattermost takes it."""

import json

from chat.errors import NoTextInPayload
from chat.hook_payloads.message import HookMessage
from chat.hook_payloads.reader import read_payload
from chat.loop_time import run_in_thread


async def read_reply(body: bytes) -> HookMessage | None:
    """The message in an answer; None for all others, which are no mistake."""
    if not body.lstrip().startswith(b"{"):
        return None
    return await run_in_thread(lambda: _read(body))


def _read(body: bytes) -> HookMessage | None:
    try:
        value = json.loads(body)
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            return None
        return read_payload("application/json", body)
    except (ValueError, RecursionError, NoTextInPayload):
        return None
