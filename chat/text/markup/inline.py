"""Inline markup of a paragraph: styles, links and spoilers."""

from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token

from chat.text.markup.links import needs_warning
from chat.text.markup.nodes import InteractivePart, Link, Span, Spans, Style

# The most interactive parts of a text: code to copy, spoilers, and links with a warning.
MAX_PARTS = 24


class MarkupTooLarge(Exception):
    """The markup exceeds a limit and is not drawn."""


class InteractiveParts(list[InteractivePart]):
    """The interactive parts of a text, by number."""

    def reserve(self) -> int:
        """Reserve the number of the next part. Raises MarkupTooLarge."""
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
    """The spans of the tokens of a paragraph. Raises MarkupTooLarge."""
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
                if not url:
                    _append_span(spans, Span(f"![{token.content}]()", style, None, spoiler_part))
                    continue
                text = token.content.strip() or url
                at = len(spans)
                spans.append(Span(text, style, None, spoiler_part))
                _link_spans(parts, spans, at, url)
                _append_title(spans, token, Span("", style, None, spoiler_part))
            case "link_open":
                url, link_start = str(token.attrs["href"]), len(spans)
                opening = token
                # The parser takes an empty address for a link. It leads nowhere: it is text.
                spans.append(Span("" if url else "[", style, None, spoiler_part))
            case "link_close" if not url:
                spans.append(Span("]()", style, None, spoiler_part))
            case "link_close":
                _link_spans(parts, spans, link_start, url)
                _append_title(spans, opening, Span("", style, None, spoiler_part))
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
    """Link all spans from `start` on to a URL."""
    text = "".join(run.text for run in spans[start:])
    if not text.strip():
        spans.append(replace(spans[-1], text=url))
        text = url
    link = Link(url)
    if needs_warning(text, url):
        part = parts.reserve()
        link = parts[part] = Link(url, part)
    spans[start:] = [replace(span, link=link) for span in spans[start:]]
    # Keep the next span separate.
    spans.append(Span(""))


def _append_title(spans: list[Span], token: Token, plain: Span) -> None:
    """The title of a link or a picture, which has no other place, as text behind it."""
    if title := str(token.attrs.get("title", "")):
        spans.append(replace(plain, text=f' "{title}"'))


def _append_span(spans: list[Span], span: Span) -> None:
    """Append a span, or join it to the last one if they look the same."""
    last = spans[-1] if spans else None
    if last is not None and last.text and replace(last, text=span.text) == span:
        spans[-1] = replace(last, text=last.text + span.text)
    else:
        spans.append(span)
