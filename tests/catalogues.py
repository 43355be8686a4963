"""The catalogues and the code: what is said in it, and what the files in `chat/languages` lack.

`python -m tests.catalogues` writes what is new into each of them, to be translated, and takes out
what is not said any more. A new language begins as a copy of `zh_CN.po` without its translations.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from chat import errors
from chat.languages import FOLDER

CHAT = Path(__file__).parents[1] / "chat"

# What takes a sentence, and how many of them: in the code, and as a refusal.
_SAY = {"say": 1, "_say": 1, "phrase": 1, "many": 2}


# Nothing that changes with each writing: several people add sentences at the same time.
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def _refusals(tree: type) -> Iterator[str]:
    if not issubclass(tree, errors.CannotStart):
        yield tree.__name__
        for inner in tree.__subclasses__():
            yield from _refusals(inner)


def sentences(path: Path) -> Iterator[str | tuple[str, str]]:
    """All that is said to people in a file; as two where it depends on a number."""
    takes = _SAY | dict.fromkeys(_refusals(errors.ChatError), 1)
    if path.name == "errors.py":
        takes["__init__"] = 1
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and (count := takes.get(_name(node.func))):
            said = [text for each in node.args[:count] for text in _texts(each)]
            if count == 2 and len(said) == 2:
                yield said[0], said[1]
            else:
                yield from said


def _name(called: ast.expr) -> str:
    """`say` of `say(…)` and of `clock.say(…)`."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _texts(given: ast.expr) -> Iterator[str]:
    """A literal, or those between which a condition chooses."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from _texts(given.body)
        yield from _texts(given.orelse)


def said() -> Catalog:
    """All that the chat says, as a catalogue without translations."""
    catalogue = Catalog()
    for path in sorted(CHAT.rglob("*.py")):
        for sentence in sentences(path):
            catalogue.add(sentence)
    return catalogue


def read(path: Path) -> Catalog:
    """One language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def languages() -> list[Path]:
    """The file of each language but English."""
    return sorted(FOLDER.glob("*.po"))


def renew(path: Path) -> None:
    """Bring a catalogue up to what is said now."""
    catalogue = read(path)
    catalogue.update(said(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = _HEADER.format(language=path.stem, plurals=catalogue.plural_forms)
    path.write_text(header + written.getvalue().decode(), "utf-8")


if __name__ == "__main__":
    for each in map(Path, sys.argv[1:]) if sys.argv[1:] else languages():
        renew(each)
