"""Which events an outgoing webhook is told: those that its trigger names, and none of its own."""

from collections.abc import Iterable

from chat.errors import BadProgram
from chat.model.outgoing import OutgoingHook, Trigger
from chat.programs.events import EventType, StoredEvent
from chat.text.keywords import KeywordIndex, validate_keywords

# Answers of webhooks to answers of webhooks, one to the other, until none is told any more.
CHAIN_LIMIT = 5

_TYPES = {
    EventType.MESSAGE_POSTED: "posts",
    EventType.MESSAGE_CHANGED: "changes",
    EventType.MESSAGE_DELETED: "deletions",
}


class TriggerFilter:
    """The trigger of one webhook, ready to be compared with many events."""

    def __init__(self, hook: OutgoingHook) -> None:
        self._bot_id = hook.bot.id
        self._trigger = hook.trigger
        self._words = KeywordIndex()
        self._words.set(self._bot_id, hook.trigger.words)

    def accepts(self, event: StoredEvent) -> bool:
        """Whether the webhook is told an event of its room."""
        message, trigger = event.change.message, self._trigger
        kind = _TYPES.get(event.type)
        if kind is None or not getattr(trigger, kind) or message.author.id == self._bot_id:
            return False
        if message.author.is_bot:
            chain = 0 if message.via is None else message.via.chain
            if not trigger.programs or chain >= CHAIN_LIMIT:
                return False
        return not trigger.words or bool(self._words.people_with_keyword_in(message.text))


def validated_trigger(trigger: Trigger, words: Iterable[str]) -> Trigger:
    """The trigger to store, with these words. Raises BadProgram and BadKeyword."""
    if not (trigger.posts or trigger.changes or trigger.deletions):
        raise BadProgram("Choose at least one kind of event.")
    found = validate_keywords(word for word in words if word.strip())
    if found and trigger.deletions:
        raise BadProgram(
            "A deleted message has no words any more. Leave out the deleted ones, or the words."
        )
    return Trigger(trigger.posts, trigger.changes, trigger.deletions, trigger.programs, found)
