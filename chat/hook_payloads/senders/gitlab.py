"""GitLab's webhooks.

The format: https://docs.gitlab.com/user/project/integrations/webhook_events/. The event is in
`object_kind`, and in the header `X-Gitlab-Event`.
"""

from collections.abc import Callable, Mapping

from chat.hook_payloads.colors import DANGER, GOOD, WARNING
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.markup_writer import bold, escape_line, inline_code, joined, link
from chat.hook_payloads.pieces import Content
from chat.hook_payloads.senders.code_hosting import (
    MERGED,
    Commit,
    Push,
    event_content,
    is_no_commit,
    push_pieces,
    quoted_line,
    quoted_text,
    ref_name,
)

_NAME = "GitLab"

_VERBS = {
    "open": "opened",
    "close": "closed",
    "reopen": "reopened",
    "update": "changed",
    "approved": "approved",
    "approval": "approved",
    "unapproved": "took back the approval of",
    "unapproval": "took back the approval of",
    "merge": "merged",
}
_ACTION_COLORS = {"open": GOOD, "reopen": GOOD, "approved": GOOD, "close": DANGER, "merge": MERGED}
_STATUS_COLORS = {"success": GOOD, "failed": DANGER, "canceled": WARNING}
_STATUSES = {
    "success": "succeeded",
    "failed": "failed",
    "canceled": "was cancelled",
    "skipped": "was skipped",
}
_MAX_FAILED_JOBS = 10


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of an event of GitLab; None if neither header nor payload is GitLab's."""
    kind = payload.text("object_kind") or payload.text("event_name")
    has_header = "x-gitlab-event" in headers
    if not has_header and not (
        kind and ("object_attributes" in payload or "project" in payload or "project_id" in payload)
    ):
        return None
    if not kind:
        kind = headers.get("x-gitlab-event", "").lower().removesuffix(" hook").replace(" ", "_")
    return _READERS.get(kind, _other)(payload)


def _person(payload: Fields) -> str:
    user = payload.of("user")
    name = user.line("name") or user.line("username")
    name = name or payload.line("user_name") or payload.line("user_username")
    return bold(escape_line(name)) or "Somebody"


def _project(payload: Fields) -> str:
    project = payload.of("project")
    name = project.line("path_with_namespace") or project.line("name")
    name = name or payload.line("repository", "name") or payload.line("project_name")
    url = project.text("web_url") or payload.text("repository", "homepage")
    return bold(link(name, url)) if name else "a project"


def _push(payload: Fields) -> Content:
    ref, address = payload.text("ref"), payload.text("project", "web_url")
    kind, name = ref_name(ref)
    commits = [
        Commit(
            each.text("id"),
            each.text("url"),
            each.text("title") or each.text("message"),
            each.text("author", "name"),
        )
        for each in payload.objects("commits")
    ]
    before, after = payload.text("before"), payload.text("after")
    total = payload.get("total_commits_count")
    is_created = is_no_commit(before)
    folder = "tags" if kind == "tag" else "tree"
    push = Push(
        ref,
        f"{address}/-/{folder}/{name}" if address else "",
        f"{address}/-/compare/{before}...{after}" if address and not is_created else "",
        commits,
        total if isinstance(total, int) and kind == "branch" else len(commits),
        False,
        is_created,
        is_no_commit(after),
    )
    if kind == "tag" and not push.is_deleted:
        push = push._replace(commits=(), total=0)
    sentence, pieces = push_pieces(_person(payload), _project(payload), push)
    return event_content(_NAME, sentence, [*pieces, *quoted_text(payload.text("message"))])


def _subject(kind: str, sign: str) -> Callable[[Fields], Content]:
    """An issue or a merge request that somebody did something with."""

    def read_subject(payload: Fields) -> Content:
        subject = payload.of("object_attributes")
        action = subject.text("action") or subject.text("state")
        title = joined([f"{sign}{subject.text('iid')}", subject.line("title")], " ")
        sentence = (
            f"{_person(payload)} {_VERBS.get(action, escape_line(action)) or 'changed'} the {kind} "
            f"{link(title, subject.text('url'))} in {_project(payload)}"
        )
        branches = [inline_code(subject.text(f"{each}_branch")) for each in ("source", "target")]
        pieces = [joined(branches, " → ")] if all(branches) and action == "open" else []
        body = quoted_text(subject.text("description")) if action == "open" else []
        return event_content(_NAME, sentence, [*pieces, *body], _ACTION_COLORS.get(action, ""))

    return read_subject


def _note(payload: Fields) -> Content:
    note = payload.of("object_attributes")
    subjects = {"merge_request": "merge request", "issue": "issue", "snippet": "snippet"}
    name = next((each for each in subjects if each in payload), "")
    if name:
        subject = payload.of(name)
        sign = "!" if name == "merge_request" else "#" if name == "issue" else ""
        number = subject.text("iid")
        title = joined([f"{sign}{number}" if number else "", subject.line("title")], " ")
    else:
        title = payload.text("commit", "id")[:8]
    kind = subjects.get(name, "commit")
    target = link(title, note.text("url"))
    sentence = f"{_person(payload)} commented on the {kind} {target} in {_project(payload)}"
    return event_content(_NAME, sentence, quoted_text(note.text("note")))


def _pipeline(payload: Fields) -> Content:
    pipeline = payload.of("object_attributes")
    number, status = pipeline.text("id"), pipeline.text("status")
    address = payload.text("project", "web_url")
    url = pipeline.text("url") or (f"{address}/-/pipelines/{number}" if address else "")
    state = _STATUSES.get(status, f"is {_words(pipeline.text('detailed_status') or status)}")
    duration = pipeline.get("duration")
    sentence = joined(
        [
            f"The pipeline {link(f'#{number}', url)}",
            bold(state),
            f"on {inline_code(pipeline.text('ref'))} of {_project(payload)}",
            f"after {duration:,.0f} s" if isinstance(duration, int | float) else "",
            f"(by {_person(payload)})",
        ],
        " ",
    )
    failed = [each for each in payload.objects("builds") if each.text("status") == "failed"]
    names = [inline_code(each.line("name")) for each in failed[:_MAX_FAILED_JOBS]]
    if len(failed) > len(names):
        names.append(f"and {len(failed) - len(names)} more")
    pieces = [f"Failed: {joined(names, ', ')}"] if names else []
    pieces += quoted_line(payload.text("commit", "title") or payload.text("commit", "message"))
    return event_content(_NAME, sentence, pieces, _STATUS_COLORS.get(status, ""))


def _job(payload: Fields) -> Content:
    status = payload.text("build_status")
    state = _STATUSES.get(status, f"is {_words(status)}")
    name = inline_code(joined([payload.line("build_stage"), payload.line("build_name")], ": "))
    sentence = (
        f"The job {name} {bold(state)} on {inline_code(payload.text('ref'))} of "
        f"{_project(payload)} (by {_person(payload)})"
    )
    return event_content(_NAME, sentence, (), _STATUS_COLORS.get(status, ""))


def _other(payload: Fields) -> Content:
    """Any other event: who did what where, with its link."""
    subject = payload.of("object_attributes") or payload
    kind = _words(payload.text("object_kind") or payload.text("event_name") or "event")
    title = subject.line("title") or subject.line("name")
    action = _words(subject.text("action") or payload.text("action"))
    target = link(title, subject.text("url")) if title or "url" in subject else ""
    parts = [
        _project(payload),
        bold(joined([kind, action], ": ")),
        target,
        f"by {_person(payload)}",
    ]
    description = quoted_text(subject.text("description"))
    return event_content(_NAME, joined(parts), description)


def _words(name: str) -> str:
    return escape_line(name.replace("_", " "))


_READERS: dict[str, Callable[[Fields], Content]] = {
    "push": _push,
    "tag_push": _push,
    "merge_request": _subject("merge request", "!"),
    "issue": _subject("issue", "#"),
    "work_item": _subject("work item", "#"),
    "note": _note,
    "pipeline": _pipeline,
    "build": _job,
}
