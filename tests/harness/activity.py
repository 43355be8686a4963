"""Limits on activity that no story reaches: many post, and make rooms, faster than people do."""

from dataclasses import asdict
from typing import Any

from chat.activity.activity_limits import ActivityRates

_MANY = 1_000_000

# For a workspace without a server.
MANY_ACTS = ActivityRates(_MANY, _MANY, _MANY, _MANY, _MANY, _MANY, _MANY, act_factor=_MANY)

# The settings of a chat.
MANY_POSTS: dict[str, Any] = {
    each.replace("network", "address"): _MANY for each in asdict(MANY_ACTS) if each != "act_factor"
}

# The same for a process with the chat.
MANY_POSTS_ENVIRONMENT = {f"CHAT_{name.upper()}": str(count) for name, count in MANY_POSTS.items()}
