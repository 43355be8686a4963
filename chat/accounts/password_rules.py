"""Which passwords are accepted: long ones that are not guessed first (NIST SP 800-63B-4, 3.1.1)."""

import string
import unicodedata

from chat.errors import BadPassword
from chat.text.names import name_key

# Characters of a password.
MIN_LENGTH, MAX_LENGTH = 10, 200

# So many different characters, at least.
_MIN_DIFFERENT = 5

# Words at the top of published lists of leaked passwords. People add digits to them, and write some
# letters as digits.
_WORDS = """
    abc administrator asdf asdfgh asdfghjkl baseball basketball batman changeme charlie chocolate
    computer correcthorse correcthorsebatterystaple dragon flower football freedom google hello
    iloveyou jennifer jordan letmein letmeinplease liverpool liverpoolfc login manchester master
    matrix michael microsoft monkey mustang mypassword naruto ninja pass passw password passwort
    pokemon princess qazwsx qwertz rockyou samsung secret shadow soccer spiderman starwars summer
    sunshine superman test trustno unbelievable unknown welcome whatever winter woaini zxcvbnm
"""
_COMMON = frozenset(_WORDS.split())

_LETTERS = str.maketrans("@4310$57", "aaeiosst")

# The rows of a keyboard, the alphabet and the digits, which people type along.
_WALKS = (
    "1234567890123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)


def normalized_password(raw: str) -> str:
    """The password as it is hashed: keyboards write some characters in several ways (RFC 8265)."""
    return unicodedata.normalize("NFC", raw)


def check_password(raw: str, person_name: str) -> str:
    """The normalized password that a person called so may have. Raises BadPassword."""
    password = normalized_password(raw)
    if len(password) < MIN_LENGTH:
        raise BadPassword(
            "A password needs {count} characters or more. Some words in a row are easy to keep.",
            count=MIN_LENGTH,
        )
    if len(password) > MAX_LENGTH:
        raise BadPassword("A password has at most {count} characters.", count=MAX_LENGTH)
    lower = password.casefold()
    is_guessed = (
        _is_common(lower)
        or len(set(lower)) < _MIN_DIFFERENT
        or any(lower in walk or lower[::-1] in walk for walk in _WALKS)
        or _is_repeated(lower)
        or _is_mostly(lower, name_key(person_name))
    )
    if is_guessed:
        raise BadPassword(
            "This password is among the first that are tried. Choose some words that only you put "
            "together."
        )
    return password


def _is_common(text: str) -> bool:
    """Whether a text is a word that many take, or a walk, with digits and signs, or repeated."""
    core = text.strip(string.digits + string.punctuation + " ")
    for each in (text, core.translate(_LETTERS)):
        word = "".join(filter(str.isalpha, each))
        if _is_repeated(word):
            word = word[: (word + word).index(word, 1)]
        if word in _COMMON or (len(word) > 3 and any(word in walk for walk in _WALKS)):
            return True
    return False


def _is_repeated(text: str) -> bool:
    """Whether a text is a shorter one, repeated: `hellohello`."""
    return len(text) > 1 and text in (text + text)[1:-1]


def _is_mostly(text: str, name: str) -> bool:
    """Whether a text is the name with a few more characters."""
    return bool(name) and name in text and len(text) - len(name) < _MIN_DIFFERENT
