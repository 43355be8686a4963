"""The characters of a paragraph: how they look, where they lead, and what hides them."""

from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token

from chat.text.markup.links import is_to_be_shown
from chat.text.markup.nodes import Link, Part, Run, Runs, Style

# So many parts of a text answer: code that is copied, spoilers, links that are shown first.
PARTS = 24


class TooMuch(Exception):
    """This is more than is drawn."""


class Parts(list[Part]):
    """What of a text answers, by its number."""

    def place(self) -> int:
        """The number of what answers next. Raises TooMuch."""
        if len(self) >= PARTS:
            raise TooMuch
        self.append(())
        return len(self) - 1


_STYLES = {
    "strong_open": Style.BOLD,
    "em_open": Style.ITALIC,
    "s_open": Style.STRIKE,
}


def runs_of(children: Sequence[Token], parts: Parts) -> Runs:
    """What the tokens of a paragraph say. Raises TooMuch."""
    runs, style = list[Run](), Style.PLAIN
    spoiler: int | None = None
    hides = began = 0
    address = ""
    for token in children:
        match token.type:
            case "text" | "text_special":
                _add(runs, Run(token.content, style, None, spoiler))
            case "softbreak" | "hardbreak":
                _add(runs, Run("\n", style, None, spoiler))
            case "code_inline":
                runs.append(Run(token.content, style | Style.CODE, None, spoiler))
            case "formula":
                runs.append(Run(token.content, Style.FORMULA, None, spoiler))
            case "image":
                address = str(token.attrs["src"])
                text = token.content.strip() or address
                at = len(runs)
                runs.append(Run(text, style, None, spoiler))
                _link(parts, runs, at, address)
            case "link_open":
                address, began = str(token.attrs["href"]), len(runs)
                runs.append(Run("", style, None, spoiler))
            case "link_close":
                _link(parts, runs, began, address)
            case "spoiler_open":
                hides += 1
                if hides == 1:
                    spoiler = parts.place()
                    began_hiding = len(runs)
            case "spoiler_close":
                hides -= 1
                if not hides and spoiler is not None:
                    parts[spoiler] = tuple(runs[began_hiding:])
                    spoiler = None
            case kind if kind in _STYLES:
                style |= _STYLES[kind]
            case kind if kind.removesuffix("close") + "open" in _STYLES:
                style &= ~_STYLES[kind.removesuffix("close") + "open"]
    return tuple(run for run in runs if run.text)


def _link(parts: Parts, runs: list[Run], began: int, address: str) -> None:
    """All runs from `began` on lead to an address."""
    text = "".join(run.text for run in runs[began:])
    if not text.strip():
        runs.append(replace(runs[-1], text=address))
        text = address
    link = Link(address)
    if is_to_be_shown(text, address):
        part = parts.place()
        link = parts[part] = Link(address, part)
    runs[began:] = [replace(run, link=link) for run in runs[began:]]
    # What comes next is not joined to it.
    runs.append(Run(""))


def _add(runs: list[Run], run: Run) -> None:
    """Join what looks alike."""
    last = runs[-1] if runs else None
    if last is not None and last.text and replace(last, text=run.text) == run:
        runs[-1] = replace(last, text=last.text + run.text)
    else:
        runs.append(run)
