"""What a person may be called: characters that are drawn, and nothing that is read as another."""

import re
import unicodedata
from functools import cache

from chat.errors import BadName
from chat.text.emoji import emoji_by_char
from chat.text.look_alikes import has_mixed_scripts, look_alike_keys
from chat.text.names import (
    BIDI_CONTROLS,
    DEFAULT_IGNORABLE,
    EVERYONE,
    HERE,
    NAME_LIMIT,
    name_key,
    split_number,
    visible_length,
)

# Allows accents and joiners around 32 visible characters, but no unlimited number of them.
_NAME_RAW_LIMIT = 4 * NAME_LIMIT

# Vietnamese, Hebrew and Thai stack up to three marks on a letter. More reach into other lines.
_MAX_NAME_MARKS = 4

# Those that change what is drawn: joiners between characters (Persian, the scripts of India, 👩‍🚀),
# the two forms of an emoji, and the regions of a flag. `name_key` ignores them, too.
_DRAWN_IGNORABLE = re.compile(
    "(?<=\\S)[\u200c\u200d](?=\\S)|[\ufe0e\ufe0f]|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
)

# Words for all people, in the languages of many chats: who says them means everybody.
_GROUPS = (
    *(EVERYONE, HERE, "all", "channel", "everybody"),
    *(
        "所有人",
        "全体",
        "全体成员",
        "全體成員",
        "全員",
        "大家",
        "频道",
        "頻道",
        "这里",
        "這裡",
        "在线",
        "在線",
    ),
    *(
        "みんな",
        "皆さん",
        "ここ",
        "모두",
        "전체",
        "여기",
        "все",
        "всі",
        "канал",
        "الجميع",
        "כולם",
        "सब",
        "सभी",
    ),
    *(
        "alle",
        "kanal",
        "tous",
        "tout le monde",
        "todos",
        "todo el mundo",
        "canal",
        "tutti",
        "canale",
    ),
    *("iedereen", "allemaal", "wszyscy", "herkes", "tất cả", "semua"),
)

# What the chat says of people in a line of its own, in the languages that it speaks. A person whose
# name says the same would write such lines in the name of others.
_OF_SYSTEM_LINES = re.compile(
    r"\b(?:ha(?:s|ve) (?:joined|left)|made this room|(?:was |were )?invited \S|(?:was|were) invited"
    r"|removed \S.* from the|renamed the room|(?:changed|took) the topic|archived this room"
    r"|opened this room|is called \S.* now)"
    r"|(?:加入|离开|退出)了(?:房间|聊天)|创建了房间|邀请了|受到了邀请|移出了房间"
    r"|将房间改名|将主题改|归档了房间|重新打开了房间|移除了主题|现在叫"
)

# A date in brackets at the end marks a name of before, whatever dash or bracket is typed.
_DATED = re.compile(r"[(\[{（［].{0,3}[0-9]{4}\W[0-9]{1,2}\W[0-9]{1,2}.{0,8}")

# The end of a sentence, with more after it: “Bob left us. Eve”. A full stop after a short word may
# be that of “Dr. Ann” or “J. R. R. Tolkien”.
_SENTENCE_END = re.compile(r"\w{5,}\.\s\S|[!?。！？]\s*\w|[:：]\s+\S")


def validate_name(raw: str) -> str:
    """The name to store: NFKC, single spaces, 1 to 32 visible characters. Raises BadName."""
    if len(raw) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if any(c in BIDI_CONTROLS for c in raw):
        raise BadName("This name holds characters that turn the text around. Leave them out.")
    name = unicodedata.normalize("NFKC", raw)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"} for c in name):
        raise BadName("This name holds control characters. Type it with letters and digits.")
    name = " ".join(name.split())
    if not name:
        raise BadName("Name cannot be blank!")
    if name.startswith("@") or name_key(name) in {EVERYONE, HERE} or split_number(name):
        raise BadName(
            "This name means something else here: @ begins a mention, “everyone” and “here” are "
            "groups, and “#1” tells two people of one name apart. Choose another."
        )
    length = visible_length(name)
    if not length:
        raise BadName("This name cannot be seen. Use at least one letter or digit.")
    if _has_undrawn_character(name):
        raise BadName(
            "This name holds characters that are not drawn. Type it with letters and digits."
        )
    if length + name.count(" ") > NAME_LIMIT or len(name) > _NAME_RAW_LIMIT:
        raise BadName("This name is too long. Use at most {limit} characters.", limit=NAME_LIMIT)
    if _most_stacked_marks(name) > _MAX_NAME_MARKS:
        raise BadName("This name has too many accents on one letter. Leave some out.")
    _require_own_name(name)
    return name


def _require_own_name(name: str) -> None:
    """Raises BadName for a name that is read as another, as a group or as a line of the chat."""
    if has_mixed_scripts(name):
        raise BadName(
            "This name mixes letters of different alphabets in one word, so that it could be taken "
            "for another name. Write each word in one alphabet."
        )
    if not _group_keys().isdisjoint(look_alike_keys(name)):
        raise BadName("{name} stands for a group of people. Choose another name.", name=name)
    if _DATED.search(name):
        raise BadName("A date like this marks a name that somebody had before. Leave it out.")
    if _OF_SYSTEM_LINES.search(name_key(name)) or _SENTENCE_END.search(name):
        raise BadName(
            "This name reads like something that the chat says. "
            "Choose a name without a sentence in it."
        )


def _has_undrawn_character(name: str) -> bool:
    """Whether a default ignorable or an unassigned character changes nothing that is drawn."""
    plain = _DRAWN_IGNORABLE.sub("", name)
    if DEFAULT_IGNORABLE.search(plain) is not None:
        return True
    # Emoji may be newer than Python's table of characters.
    return any(unicodedata.category(c) == "Cn" and emoji_by_char(c) is None for c in plain)


def _most_stacked_marks(name: str) -> int:
    """The largest number of combining marks on one character."""
    tallest = height = 0
    for c in name:
        height = height + 1 if unicodedata.category(c) in {"Mn", "Me"} else 0
        tallest = max(tallest, height)
    return tallest


@cache
def _group_keys() -> frozenset[str]:
    forms = {form for each in _GROUPS for form in (each, each.title(), each.upper())}
    return frozenset(key for each in forms for key in look_alike_keys(each))
