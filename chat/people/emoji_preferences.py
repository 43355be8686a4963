"""Recent emoji and skin tone of each person, shared by all their sessions."""

from dataclasses import replace

from chat.errors import BadReaction
from chat.model.people import Person, PersonId
from chat.store.contract import Store
from chat.text.emoji import TONE_COUNT, EmojiPreferences, emoji_by_char

# Three rows of the picker.
RECENT_LIMIT = 24


class EmojiPreferencesService:
    """Caches the emoji preferences of the people who connected since the start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loaded: dict[PersonId, EmojiPreferences] = {}

    async def load(self, person: Person) -> None:
        """Read the preferences of a person, so that `get` has them from now on."""
        if person.id not in self._loaded:
            preferences = await self._store.emoji_preferences(person.id)
            self._loaded.setdefault(person.id, preferences)

    def get(self, person: Person) -> EmojiPreferences:
        """The preferences of a person who was loaded, else the defaults."""
        return self._loaded.get(person.id, _DEFAULT)

    async def record_use(self, person: Person, char: str) -> None:
        """Make `char` the most recent emoji of a person, if it is one. Raises NotStored."""
        emoji, preferences = emoji_by_char(char), self.get(person)
        if emoji is None or preferences.recent[:1] == (emoji.char,):
            return
        recent = (emoji.char, *(each for each in preferences.recent if each != emoji.char))
        await self._save(person, replace(preferences, recent=recent[:RECENT_LIMIT]))

    async def set_tone(self, person: Person, tone: int) -> None:
        """Set the skin tone of a person, 0 to 5. Raises BadReaction, NotStored."""
        if not 0 <= tone < TONE_COUNT:
            raise BadReaction("There is no such skin tone. Choose one from the list.")
        await self._save(person, replace(self.get(person), tone=tone))

    async def _save(self, person: Person, preferences: EmojiPreferences) -> None:
        before = self.get(person)
        # A change that comes while this one is being stored builds on it.
        self._loaded[person.id] = preferences
        try:
            await self._store.save_emoji_preferences(person.id, preferences)
        except BaseException:
            if self._loaded[person.id] is preferences:
                self._loaded[person.id] = before
            raise


_DEFAULT = EmojiPreferences()
