"""What GitHub, Gitea and GitLab have in common: people, commits, and texts in Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

from chat.hook_payloads.limits import MAX_COMMITS
from chat.hook_payloads.markup_writer import (
    closed,
    escape_line,
    inline_code,
    joined,
    link,
    quoted,
    safe_url,
)
from chat.hook_payloads.pieces import Content, Part, Piece, Sender

# The characters of a commit's id that are shown.
_SHORT_ID = 8

_NO_COMMIT = "0000000"

MERGED = "#8250df"


class Commit(NamedTuple):
    """One commit of a push."""

    id: str
    url: str
    message: str
    author: str


class Push(NamedTuple):
    """New commits of a branch or tag, or a branch or tag that was deleted. `total` may be more than
    there are commits in the payload."""

    ref: str
    ref_url: str
    compare_url: str
    commits: Sequence[Commit]
    total: int
    is_forced: bool = False
    is_created: bool = False
    is_deleted: bool = False


def is_no_commit(commit_id: str) -> bool:
    """Whether an id stands for no commit: before a branch was created, after it was deleted."""
    return commit_id.startswith(_NO_COMMIT) and not commit_id.strip("0")


def event_content(
    program: str, sentence: str, pieces: Sequence[str] = (), color: str = ""
) -> Content:
    """The content of an event: a sentence, and what belongs to it."""
    return Content((Part((Piece(sentence), *map(Piece, pieces)), color),), sender=Sender(program))


def push_pieces(actor: str, repository: str, push: Push) -> tuple[str, list[str]]:
    """The sentence about a push, and the list of its commits."""
    kind, name = ref_name(push.ref)
    target = f"{kind} {link(name, push.ref_url)}"
    if push.is_deleted:
        return f"{actor} deleted the {kind} {inline_code(name)} of {repository}", []
    if not push.commits and not push.total:
        verb = "created" if push.is_created else "updated"
        return f"{actor} {verb} the {target} of {repository}", []
    verb = "force-pushed" if push.is_forced else "pushed"
    total = max(push.total, len(push.commits))
    count = link("1 commit" if total == 1 else f"{total:,} commits", push.compare_url)
    what = "the new " if push.is_created else "the "
    sentence = f"{actor} {verb} {count} to {what}{target} of {repository}"
    return sentence, [commit_list(push.commits, total)]


def commit_list(commits: Sequence[Commit], total: int) -> str:
    """The first commits, a line each, and how many more there are."""
    lines = [_commit_line(each) for each in commits[:MAX_COMMITS]]
    if (more := total - len(lines)) > 0:
        lines.append(f"and {more:,} more")
    return "\n".join(lines)


def ref_name(ref: str) -> tuple[str, str]:
    """“branch” or “tag”, and its name without the folder."""
    if ref.startswith("refs/tags/"):
        return "tag", ref.removeprefix("refs/tags/")
    return "branch", ref.removeprefix("refs/heads/")


def code_link(text: str, url: str) -> str:
    """A link whose text is code."""
    target, shown = safe_url(url), inline_code(text)
    return f"[{shown}]({target})" if target and "]" not in shown and "[" not in shown else shown


def quoted_text(text: str) -> list[str]:
    """A text in Markdown as a quote, without HTML comments; no piece if there is none."""
    shown = _without_comments(text).strip()
    return [quoted(closed(shown))] if shown else []


def quoted_line(text: str) -> list[str]:
    """A literal text as a quote of one line; no piece if there is none."""
    shown = escape_line(text)
    return [quoted(shown)] if shown else []


def _commit_line(commit: Commit) -> str:
    first_line = escape_line(commit.message.strip().partition("\n")[0])
    name = code_link(commit.id[:_SHORT_ID], commit.url)
    return joined([joined([name, first_line], " "), escape_line(commit.author)], " — ")


def _without_comments(text: str) -> str:
    """A text without the comments of templates: `<!-- Describe the problem -->`."""
    first, *others = text.split("<!--")
    kept = [first]
    for each in others:
        comment, end, following = each.partition("-->")
        kept.append(following if end else f"<!--{comment}")
    return "".join(kept)
