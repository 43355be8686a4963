"""Why a name is refused, as each form that asks for one shows it."""

from dataclasses import dataclass

from chat.errors import ChatError, KnockWaiting, NameTaken
from chat.languages import Language


@dataclass(frozen=True, slots=True)
class NameRefused:
    """`j` JSON: `[sentence, suggestions, hint, sign_in]`: why a name is refused, and free ones.

    The hint says what to do for a person who has the name already; it may be empty. `sign_in` is
    the label of the link to the page where they sign in as that person, or "".
    """

    sentence: str
    suggestions: tuple[str, ...] = ()
    hint: str = ""
    sign_in: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether the visitor waits to be let in: nothing is refused, and the hint says so."""
        return bool(self.hint) and not self.sentence


# For a form that is shown for the first time.
NOT_REFUSED = NameRefused("")


def name_refusal(error: ChatError, t: Language) -> NameRefused:
    """The sentence, free names, and what to do for somebody who has the name already.

    Who has asked to come in and waits is not refused: the hint says so.
    """
    if isinstance(error, KnockWaiting):
        return NameRefused("", (), t.error(error))
    if not isinstance(error, NameTaken):
        return NameRefused(t.error(error))
    hint = ""
    if error.may_be_own:
        hint = t(
            "Is it you, {name}, on another device? There, open Settings, then Devices, and choose "
            "“Add a device”. Then open its link here, or scan its code.",
            name=error.name,
        )
    claimed = error.claimed_name
    sign_in = t("Sign in as {name}", name=claimed) if claimed else ""
    return NameRefused(t.error(error), error.suggestions, hint, sign_in)
