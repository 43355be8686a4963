"""Notification settings of all people, shared by all their sessions: sound, keywords, pauses."""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from chat.model.events import Publish, person_topic
from chat.model.notification_settings import NotificationSettings, Pause, pause_end
from chat.model.people import Person, PersonId
from chat.store.contract import Store
from chat.text.keywords import KeywordIndex, validate_keywords


class NotificationSettingsService:
    """Keeps the settings of all people who have changed them: a keyword counts for people who are
    not connected, too."""

    def __init__(self, store: Store, *, publish: Publish) -> None:
        self._store = store
        self._publish = publish
        self._settings: dict[PersonId, NotificationSettings] = {}
        self._keywords = KeywordIndex()

    async def open(self) -> None:
        """Read the settings of all people."""
        self._settings = await self._store.all_notification_settings()
        for person_id, settings in self._settings.items():
            self._keywords.set(person_id, settings.keywords)

    def get(self, person_id: PersonId) -> NotificationSettings:
        """The settings of a person."""
        return self._settings.get(person_id, _DEFAULT)

    def is_paused(self, person_id: PersonId) -> bool:
        """Whether nothing notifies a person at this moment."""
        settings = self._settings.get(person_id)
        return settings is not None and settings.is_paused(datetime.now(UTC))

    def people_with_keyword_in(self, text: str) -> frozenset[PersonId]:
        """The people who have a keyword that is in a text."""
        return self._keywords.people_with_keyword_in(text)

    async def set_sound(self, person: Person, *, enabled: bool) -> None:
        """Enable or disable the sound of notifications. Raises NotStored."""
        await self._save(person, replace(self.get(person.id), has_sound=enabled))

    async def add_keyword(self, person: Person, keyword: str) -> None:
        """Add a keyword, for messages from now on. Raises BadKeyword and NotStored."""
        keywords = validate_keywords((*self.get(person.id).keywords, keyword))
        await self._save(person, replace(self.get(person.id), keywords=keywords))

    async def remove_keyword(self, person: Person, keyword: str) -> None:
        """Remove a keyword. Raises NotStored."""
        settings = self.get(person.id)
        keywords = tuple(each for each in settings.keywords if each != keyword)
        await self._save(person, replace(settings, keywords=keywords))

    async def pause(self, person: Person, pause: Pause, time_zone: tzinfo | None) -> None:
        """Let nothing notify a person for a while. Raises NotStored."""
        until = pause_end(pause, datetime.now(UTC), time_zone)
        await self._save(person, replace(self.get(person.id), paused_until=until))

    async def resume(self, person: Person) -> None:
        """End a pause. Raises NotStored."""
        await self._save(person, replace(self.get(person.id), paused_until=None))

    async def _save(self, person: Person, settings: NotificationSettings) -> None:
        before = self.get(person.id)
        if settings == before:
            return
        # A change that comes while this one is being stored builds on it.
        self._settings[person.id] = settings
        try:
            await self._store.save_notification_settings(person.id, settings)
        except BaseException:
            if self._settings[person.id] is settings:
                self._settings[person.id] = before
            raise
        if settings.keywords != before.keywords:
            self._keywords.set(person.id, self._settings[person.id].keywords)
        self._publish(person_topic(person.id), self._settings[person.id])


_DEFAULT = NotificationSettings()
