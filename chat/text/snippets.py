"""Snippets: code in a message, or in a text file if it is long."""

import re
from dataclasses import dataclass

from chat.errors import BadText, TextTooLong
from chat.text.message_text import is_blank

# A longer text is offered as a file: in characters, and in lines.
LONG_TEXT = 4_000
LONG_TEXT_LINES = 60

# The most characters of a snippet.
SNIPPET_LIMIT = 100_000

_FENCES = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class SnippetLanguage:
    """A language of code: its title, its name after a fence, and the extension of its files."""

    title: str
    fence_name: str
    extension: str


PLAIN_TEXT = SnippetLanguage("", "", "txt")

LANGUAGES = (
    SnippetLanguage("Bash", "bash", "sh"),
    SnippetLanguage("C", "c", "c"),
    SnippetLanguage("C++", "cpp", "cpp"),
    SnippetLanguage("C#", "csharp", "cs"),
    SnippetLanguage("CSS", "css", "css"),
    SnippetLanguage("Dart", "dart", "dart"),
    SnippetLanguage("Diff", "diff", "diff"),
    SnippetLanguage("Go", "go", "go"),
    SnippetLanguage("HTML", "html", "html"),
    SnippetLanguage("Java", "java", "java"),
    SnippetLanguage("JavaScript", "javascript", "js"),
    SnippetLanguage("JSON", "json", "json"),
    SnippetLanguage("Kotlin", "kotlin", "kt"),
    SnippetLanguage("PHP", "php", "php"),
    SnippetLanguage("Python", "python", "py"),
    SnippetLanguage("Ruby", "ruby", "rb"),
    SnippetLanguage("Rust", "rust", "rs"),
    SnippetLanguage("SQL", "sql", "sql"),
    SnippetLanguage("Swift", "swift", "swift"),
    SnippetLanguage("TypeScript", "typescript", "ts"),
    SnippetLanguage("YAML", "yaml", "yaml"),
)


def is_long(text: str) -> bool:
    """Whether a text is too long to be read in a timeline, and better a file."""
    return len(text) > LONG_TEXT or text.count("\n") >= LONG_TEXT_LINES


def validate_snippet(code: str) -> str:
    """The code to post, unchanged. Raises BadText and TextTooLong."""
    if len(code) > SNIPPET_LIMIT:
        raise TextTooLong(len(code), SNIPPET_LIMIT)
    if is_blank(code):
        raise BadText("There is no code yet. Write or paste some first.")
    return code


def code_block(code: str, language: SnippetLanguage) -> str:
    """The markup of code. Its fences are longer than any in the code."""
    longest = max((len(each) for each in _FENCES.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language.fence_name}\n{code.strip(chr(10))}\n{fence}"
