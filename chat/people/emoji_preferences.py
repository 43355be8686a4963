"""Which emoji each person used last, and in which skin tone: the same in all their sessions."""

from dataclasses import replace

from chat.errors import BadReaction
from chat.model.people import Person, PersonId
from chat.store.contract import Store
from chat.text.emoji import TONES, Taste, known

# So many are kept: three rows of them.
RECENT = 24


class Tastes:
    """What is known of those who have been here since the start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[PersonId, Taste] = {}

    async def arrive(self, person: Person) -> None:
        """Somebody is here: from now on `of` knows them."""
        if person.id not in self._known:
            taste = await self._store.taste(person.id)
            self._known.setdefault(person.id, taste)

    def of(self, person: Person) -> Taste:
        """What this person likes."""
        return self._known.get(person.id, _NEW)

    async def use(self, person: Person, char: str) -> None:
        """A person used an emoji of the table: it comes first. Raises NotStored."""
        emoji, taste = known(char), self.of(person)
        if emoji is None or taste.recent[:1] == (emoji.char,):
            return
        recent = (emoji.char, *(each for each in taste.recent if each != emoji.char))
        await self._keep(person, replace(taste, recent=recent[:RECENT]))

    async def choose_tone(self, person: Person, tone: int) -> None:
        """From now on hands are shown in this skin tone, 0 to 5. Raises BadReaction, NotStored."""
        if not 0 <= tone < TONES:
            raise BadReaction("There is no such skin tone. Choose one from the list.")
        await self._keep(person, replace(self.of(person), tone=tone))

    async def _keep(self, person: Person, taste: Taste) -> None:
        before = self.of(person)
        # What is used next goes on from here.
        self._known[person.id] = taste
        try:
            await self._store.keep_taste(person.id, taste)
        except BaseException:
            if self._known[person.id] is taste:
                self._known[person.id] = before
            raise


_NEW = Taste()
