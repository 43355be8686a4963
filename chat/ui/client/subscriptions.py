"""The subscriptions of one session: several parts of its screen may follow the same topic."""

from collections.abc import Callable

import flet as ft

# Handles an event of a topic. It must not block or raise.
TopicHandler = Callable[[str, object], None]


class TopicSubscriptions:
    """The handlers of one session by topic.

    Flet's PubSub knows them, too, but it removes all handlers of a session from a topic at once.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, list[TopicHandler]] = {}

    def add(self, page: ft.Page, topic: str, handler: TopicHandler) -> None:
        """Let `handler` get the events of a topic. Repeated, it changes nothing."""
        handlers = self._handlers.setdefault(topic, [])
        if handler not in handlers:
            handlers.append(handler)
        page.pubsub.subscribe_topic(topic, handler)

    def remove(self, page: ft.Page, topic: str, handler: TopicHandler) -> None:
        """Let `handler` get no more events of a topic; others still do."""
        handlers = self._handlers.get(topic, [])
        if handler in handlers:
            handlers.remove(handler)
        page.pubsub.unsubscribe_topic(topic)
        # Between the two calls no event can be published: that takes another turn of the loop.
        for each in handlers:
            page.pubsub.subscribe_topic(topic, each)
        if not handlers:
            self._handlers.pop(topic, None)
