"""The characters of a paragraph: how they look, where they lead, and what hides them."""

from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token

from chat.text.markup.links import needs_warning
from chat.text.markup.nodes import InteractivePart, Link, Span, Spans, Style

# So many parts of a text answer: code that is copied, spoilers, links that are shown first.
MAX_PARTS = 24


class MarkupTooLarge(Exception):
    """This is more than is drawn."""


class InteractiveParts(list[InteractivePart]):
    """What of a text answers, by its number."""

    def reserve(self) -> int:
        """The number of what answers next. Raises TooMuch."""
        if len(self) >= MAX_PARTS:
            raise MarkupTooLarge
        self.append(())
        return len(self) - 1


_STYLES = {
    "strong_open": Style.BOLD,
    "em_open": Style.ITALIC,
    "s_open": Style.STRIKE,
}


def spans_of(children: Sequence[Token], parts: InteractiveParts) -> Spans:
    """What the tokens of a paragraph say. Raises TooMuch."""
    spans, style = list[Span](), Style.PLAIN
    spoiler_part: int | None = None
    spoiler_depth = link_start = 0
    url = ""
    for token in children:
        match token.type:
            case "text" | "text_special":
                _append_span(spans, Span(token.content, style, None, spoiler_part))
            case "softbreak" | "hardbreak":
                _append_span(spans, Span("\n", style, None, spoiler_part))
            case "code_inline":
                spans.append(Span(token.content, style | Style.CODE, None, spoiler_part))
            case "formula":
                spans.append(Span(token.content, Style.FORMULA, None, spoiler_part))
            case "image":
                url = str(token.attrs["src"])
                text = token.content.strip() or url
                at = len(spans)
                spans.append(Span(text, style, None, spoiler_part))
                _link_spans(parts, spans, at, url)
            case "link_open":
                url, link_start = str(token.attrs["href"]), len(spans)
                spans.append(Span("", style, None, spoiler_part))
            case "link_close":
                _link_spans(parts, spans, link_start, url)
            case "spoiler_open":
                spoiler_depth += 1
                if spoiler_depth == 1:
                    spoiler_part = parts.reserve()
                    spoiler_start = len(spans)
            case "spoiler_close":
                spoiler_depth -= 1
                if not spoiler_depth and spoiler_part is not None:
                    parts[spoiler_part] = tuple(spans[spoiler_start:])
                    spoiler_part = None
            case kind if kind in _STYLES:
                style |= _STYLES[kind]
            case kind if kind.removesuffix("close") + "open" in _STYLES:
                style &= ~_STYLES[kind.removesuffix("close") + "open"]
    return tuple(span for span in spans if span.text)


def _link_spans(parts: InteractiveParts, spans: list[Span], start: int, url: str) -> None:
    """All runs from `began` on lead to an address."""
    text = "".join(run.text for run in spans[start:])
    if not text.strip():
        spans.append(replace(spans[-1], text=url))
        text = url
    link = Link(url)
    if needs_warning(text, url):
        part = parts.reserve()
        link = parts[part] = Link(url, part)
    spans[start:] = [replace(span, link=link) for span in spans[start:]]
    # What comes next is not joined to it.
    spans.append(Span(""))


def _append_span(spans: list[Span], span: Span) -> None:
    """Join what looks alike."""
    last = spans[-1] if spans else None
    if last is not None and last.text and replace(last, text=span.text) == span:
        spans[-1] = replace(last, text=last.text + span.text)
    else:
        spans.append(span)
