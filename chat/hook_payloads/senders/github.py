"""GitHub's webhooks.

The format: https://docs.github.com/en/webhooks/webhook-events-and-payloads. The event is in the
header `X-GitHub-Event`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chat.hook_payloads.colors import DANGER, GOOD, WARNING
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.markup_writer import bold, escape_line, inline_code, joined, link
from chat.hook_payloads.pieces import Content, Sender
from chat.hook_payloads.senders.code_hosting import (
    MERGED,
    Commit,
    Push,
    event_content,
    is_no_commit,
    push_pieces,
    quoted_line,
    quoted_text,
)

_NAME = "GitHub"

_CONCLUSION_COLORS = {
    "success": GOOD,
    "failure": DANGER,
    "timed_out": DANGER,
    "startup_failure": DANGER,
    "action_required": WARNING,
    "cancelled": WARNING,
}
_CONCLUSIONS = {
    "success": "succeeded",
    "failure": "failed",
    "timed_out": "timed out",
    "startup_failure": "could not start",
    "action_required": "waits for a decision",
    "cancelled": "was cancelled",
    "skipped": "was skipped",
    "neutral": "ended without a result",
    "stale": "is out of date",
}


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of an event of GitHub; None if the header is not there."""
    event = headers.get("x-github-event", "").strip().lower()
    return content_of(event, payload, _NAME) if event else None


def content_of(event: str, payload: Fields, program: str) -> Content:
    """The content of an event of GitHub, or of a program that sends nearly the same."""
    reader = _READERS.get(event)
    content = reader(payload) if reader is not None else _other(event, payload)
    return replace(content, sender=Sender(program))


def _person(person: Fields) -> str:
    name = person.text("login") or person.text("username") or person.text("name") or "Somebody"
    return link(name, person.text("html_url"))


def _repository(payload: Fields) -> str:
    repository = payload.of("repository")
    name = repository.text("full_name") or repository.text("name")
    if name:
        return bold(link(name, repository.text("html_url")))
    organization = payload.text("organization", "login")
    return bold(escape_line(organization)) if organization else "a repository"


def _push(payload: Fields) -> Content:
    repository, ref = payload.of("repository"), payload.text("ref")
    commits = [
        Commit(
            each.text("id"),
            each.text("url"),
            each.text("message"),
            each.text("author", "name") or each.text("author", "username"),
        )
        for each in payload.objects("commits")
    ]
    total = payload.get("total_commits")
    branch, url = ref.removeprefix("refs/heads/").removeprefix("refs/tags/"), ""
    if address := repository.text("html_url"):
        url = f"{address}/tree/{branch}"
    push = Push(
        ref,
        url,
        payload.text("compare") or payload.text("compare_url"),
        commits,
        total if isinstance(total, int) else len(commits),
        payload.get("forced") is True,
        payload.get("created") is True or is_no_commit(payload.text("before")),
        payload.get("deleted") is True or is_no_commit(payload.text("after")),
    )
    person = payload.of("sender") or payload.of("pusher")
    sentence, pieces = push_pieces(_person(person), _repository(payload), push)
    return event_content(_NAME, sentence, pieces)


def _pull_request(payload: Fields) -> Content:
    pull, action = payload.of("pull_request"), payload.text("action")
    is_merged = action == "closed" and pull.get("merged") is True
    sentence = _about(payload, "merged" if is_merged else action, "pull request", pull)
    colors = {"opened": GOOD, "reopened": GOOD, "closed": MERGED if is_merged else DANGER}
    body = quoted_text(pull.text("body")) if action == "opened" else []
    branches = [inline_code(pull.text(each, "ref")) for each in ("head", "base")]
    pieces = [joined(branches, " → ")] if all(branches) and action == "opened" else []
    return event_content(_NAME, sentence, [*pieces, *body], colors.get(action, ""))


def _issues(payload: Fields) -> Content:
    issue, action = payload.of("issue"), payload.text("action")
    colors = {"opened": GOOD, "reopened": GOOD, "closed": MERGED}
    body = quoted_text(issue.text("body")) if action == "opened" else []
    return event_content(
        _NAME, _about(payload, action, "issue", issue), body, colors.get(action, "")
    )


def _about(payload: Fields, action: str, kind: str, subject: Fields) -> str:
    """“ann opened the issue #5 It is broken in acme/site”, with what the action is about."""
    title = joined([_number(subject), subject.line("title")], " ")
    details = [
        payload.text("label", "name"),
        payload.text("assignee", "login"),
        payload.text("requested_reviewer", "login"),
        payload.text("milestone", "title"),
    ]
    detail = joined(dict.fromkeys(inline_code(each) for each in details), " ")
    return joined(
        [
            _person(payload.of("sender")),
            _words(action),
            f"the {kind}",
            link(title, subject.text("html_url")),
            f"in {_repository(payload)}",
            f"({detail})" if detail and action not in {"opened", "closed", "reopened"} else "",
        ],
        " ",
    )


def _comment(payload: Fields) -> Content:
    """A comment on an issue, a pull request, a commit or a discussion."""
    comment, action = payload.of("comment"), payload.text("action")
    subject = payload.of("issue") or payload.of("pull_request") or payload.of("discussion")
    kind = "issue"
    if "pull_request" in payload or "pull_request" in payload.of("issue"):
        kind = "pull request"
    elif "discussion" in payload:
        kind = "discussion"
    verb = "commented on" if action in {"created", ""} else f"{_words(action)} a comment on"
    title = joined([_number(subject), subject.line("title")], " ")
    if not title:
        kind, title = "commit", comment.text("commit_id")[:8]
    target = link(title, comment.text("html_url") or subject.text("html_url"))
    sentence = (
        f"{_person(payload.of('sender'))} {verb} the {kind} {target} in {_repository(payload)}"
    )
    return event_content(_NAME, sentence, quoted_text(comment.text("body")))


def _review(payload: Fields) -> Content:
    review, pull = payload.of("review"), payload.of("pull_request")
    verbs = {"approved": "approved", "changes_requested": "asked for changes in"}
    state = review.text("state").lower()
    title = joined([_number(pull), pull.line("title")], " ")
    target = link(title, review.text("html_url") or pull.text("html_url"))
    verb = verbs.get(state, "reviewed")
    person = _person(payload.of("sender"))
    sentence = f"{person} {verb} the pull request {target} in {_repository(payload)}"
    return event_content(
        _NAME, sentence, quoted_text(review.text("body")), GOOD if state == "approved" else ""
    )


def _release(payload: Fields) -> Content:
    release, action = payload.of("release"), payload.text("action")
    name = release.line("name") or release.text("tag_name")
    tag = release.text("tag_name")
    shown = f"{name} ({tag})" if tag and tag not in name else name
    sentence = joined(
        [
            _person(payload.of("sender")),
            _words(action),
            "the pre-release" if release.get("prerelease") is True else "the release",
            link(shown, release.text("html_url")),
            f"of {_repository(payload)}",
        ],
        " ",
    )
    body = quoted_text(release.text("body")) if action in {"published", "released"} else []
    return event_content(_NAME, sentence, body, GOOD if body else "")


def _workflow_run(payload: Fields) -> Content:
    run = payload.of("workflow_run")
    name = run.line("name") or payload.line("workflow", "name") or "A workflow"
    number = run.text("run_number")
    sentence = _run_sentence(
        payload,
        "workflow",
        link(joined([name, f"#{number}" if number else ""], " "), run.text("html_url")),
        run,
    )
    title = run.line("display_title") or run.line("head_commit", "message")
    return event_content(_NAME, sentence, quoted_line(title), _conclusion_color(run))


def _check_run(payload: Fields) -> Content:
    run = payload.of("check_run")
    url = run.text("html_url") or run.text("details_url")
    sentence = _run_sentence(
        payload,
        "check",
        link(run.line("name") or "A check", url),
        run,
        run.text("check_suite", "head_branch"),
    )
    output = quoted_line(run.line("output", "title"))
    return event_content(_NAME, sentence, output, _conclusion_color(run))


def _run_sentence(payload: Fields, kind: str, name: str, run: Fields, branch: str = "") -> str:
    conclusion = run.text("conclusion")
    state = _CONCLUSIONS.get(conclusion, _words(conclusion or run.text("status")) or "ran")
    state = state if conclusion else f"is {state}"
    branch = branch or run.text("head_branch")
    where = f"on {inline_code(branch)} of" if branch else "of"
    actor = payload.of("sender")
    by = f"(by {_person(actor)})" if actor else ""
    return joined([f"The {kind}", name, bold(state), where, _repository(payload), by], " ")


def _conclusion_color(run: Fields) -> str:
    return _CONCLUSION_COLORS.get(run.text("conclusion"), "")


def _ping(payload: Fields) -> Content:
    where = f" for {_repository(payload)}" if "repository" in payload else ""
    return event_content(_NAME, f"The webhook{where} works.", quoted_line(payload.text("zen")))


def _star(payload: Fields) -> Content:
    verb = "removed the star from" if payload.text("action") == "deleted" else "starred"
    count = payload.get("repository", "stargazers_count")
    stars = f"({count:,} ⭐)" if isinstance(count, int) else ""
    sentence = [_person(payload.of("sender")), verb, _repository(payload), stars]
    return event_content(_NAME, joined(sentence, " "))


def _ref(verb: str) -> Callable[[Fields], Content]:
    """A branch or a tag that was created or deleted."""

    def read_ref(payload: Fields) -> Content:
        kind = payload.text("ref_type") or "branch"
        name = inline_code(payload.text("ref").rpartition("refs/heads/")[2]) or "its first branch"
        person = _person(payload.of("sender"))
        sentence = f"{person} {verb} the {escape_line(kind)} {name} of {_repository(payload)}"
        return event_content(_NAME, sentence)

    return read_ref


def _other(event: str, payload: Fields) -> Content:
    """Any other event: who did what where, with the first link that is about it."""
    subject = payload.of(event)
    if not subject:
        known = {"repository", "sender", "organization", "installation", "enterprise"}
        names = (name for name in payload.names() if name not in known)
        objects = (payload.of(name) for name in names)
        subject = next((each for each in objects if "html_url" in each), Fields(None))
    title = subject.line("title") or subject.line("name") or _number(subject)
    target = link(title, subject.text("html_url")) if subject else ""
    what = joined([_words(event), payload.line("action").replace("_", " ")], ": ")
    sentence = joined([_repository(payload), bold(escape_line(what)), target], " · ")
    if "sender" in payload:
        sentence = f"{sentence} · by {_person(payload.of('sender'))}"
    return event_content(_NAME, sentence)


def _number(subject: Fields) -> str:
    number = subject.text("number")
    return f"#{number}" if number else ""


def _words(name: str) -> str:
    return escape_line(name.replace("_", " "))


_READERS: dict[str, Callable[[Fields], Content]] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _comment,
    "issues": _issues,
    "issue_comment": _comment,
    "commit_comment": _comment,
    "discussion_comment": _comment,
    "release": _release,
    "workflow_run": _workflow_run,
    "check_run": _check_run,
    "ping": _ping,
    "star": _star,
    "create": _ref("created"),
    "delete": _ref("deleted"),
}
