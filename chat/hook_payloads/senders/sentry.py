"""Sentry's webhooks.

The format: https://docs.sentry.io/integrations/integration-platform/webhooks/. The kind is in the
header `Sentry-Hook-Resource`; the older plugin sends an object with `event` and no header.
"""

from collections.abc import Mapping

from chat.hook_payloads.colors import DANGER, GOOD, WARNING
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.markup_writer import bold, escape_line, inline_code, joined, link
from chat.hook_payloads.pieces import Content
from chat.hook_payloads.senders.code_hosting import event_content, quoted_text

_NAME = "Sentry"

_LEVEL_COLORS = {"fatal": DANGER, "error": DANGER, "warning": WARNING, "critical": DANGER}
_DONE = {"resolved", "archived", "ignored"}

# Tags of an event that are shown, in this order.
_TAGS = ("environment", "release", "server_name", "transaction", "user")


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of a webhook of Sentry; None if the payload is none."""
    resource = headers.get("sentry-hook-resource", "").strip().lower()
    data = payload.of("data")
    if resource and not data:
        return _other(resource, payload)
    if resource == "metric_alert" or "metric_alert" in data:
        return _metric_alert(payload)
    if resource == "event_alert" or "triggered_rule" in data:
        return _event(data.of("event"), "alert", data.line("triggered_rule"))
    if resource == "error":
        return _event(data.of("error"), "error", "")
    if "issue" in data and (resource or "installation" in payload):
        return _issue(payload)
    if resource:
        return _other(resource, payload)
    if "event" in payload and "project" in payload and ("culprit" in payload or "level" in payload):
        return _legacy(payload)
    return None


def _issue(payload: Fields) -> Content:
    issue, action = payload.of("data", "issue"), payload.text("action")
    url = issue.text("web_url") or issue.text("permalink")
    name = joined([issue.line("shortId"), issue.line("title")], " ")
    project = issue.line("project", "name") or issue.line("project", "slug")
    actor = payload.line("actor", "name")
    sentence = joined(
        [
            f"Issue {escape_line(action)}: {bold(link(name, url))}",
            escape_line(project),
            f"by {escape_line(actor)}" if actor and actor != "Sentry" else "",
        ]
    )
    count, users = issue.text("count"), issue.text("userCount")
    numbers = joined(
        [f"events: {escape_line(count)}" if count else "", f"people: {users}" if users else ""]
    )
    level = issue.text("level")
    color = GOOD if action in _DONE else _LEVEL_COLORS.get(level, "")
    pieces = [inline_code(issue.text("culprit")), _value(issue, name), numbers]
    return event_content(_NAME, sentence, pieces, color)


def _event(event: Fields, kind: str, rule: str) -> Content:
    url = event.text("web_url") or event.text("url") or event.text("issue_url")
    title = event.line("title") or event.line("message") or "An event"
    project = event.line("project_name") or event.line("project_slug")
    sentence = joined(
        [
            f"{'Alert' if kind == 'alert' else 'Error'}: {bold(link(title, url))}",
            escape_line(project),
            f"rule {inline_code(rule)}" if rule else "",
        ]
    )
    pieces = [inline_code(event.text("culprit")), _value(event, title), _tags(event)]
    color = _LEVEL_COLORS.get(event.text("level"), DANGER if kind == "alert" else "")
    return event_content(_NAME, sentence, pieces, color)


def _metric_alert(payload: Fields) -> Content:
    data, action = payload.of("data"), payload.text("action")
    title = data.line("description_title") or data.line("metric_alert", "title") or "Metric alert"
    url = data.text("web_url")
    color = GOOD if action == "resolved" else _LEVEL_COLORS.get(action, "")
    text = data.text("description_text").replace("\\n", "\n")
    lines = "\n".join(escape_line(line) for line in text.split("\n"))
    return event_content(_NAME, bold(link(title, url)), [lines], color)


def _legacy(payload: Fields) -> Content:
    event = payload.of("event")
    title = event.line("title") or payload.line("message") or event.line("message") or "An event"
    project = payload.line("project_name") or payload.line("project")
    sentence = joined([bold(link(title, payload.text("url"))), escape_line(project)])
    message = payload.text("message")
    pieces = [
        inline_code(payload.text("culprit")),
        *(
            quoted_text(escape_line(message))
            if message.strip() and message.strip() != title
            else []
        ),
        _tags(event),
    ]
    return event_content(_NAME, sentence, pieces, _LEVEL_COLORS.get(payload.text("level"), ""))


def _other(resource: str, payload: Fields) -> Content:
    """Any other kind: what happened, and the texts and the link that it has."""
    data = payload.of("data")
    what = joined([resource.replace("_", " "), payload.line("action")], ": ")
    actor = payload.line("actor", "name")
    url = data.text("web_url") or data.text("issue", "web_url")
    project = data.line("project_slug")
    parts = [
        bold(escape_line(what)),
        link(data.line("issue", "title"), url) if url else "",
        escape_line(project),
        f"by {escape_line(actor)}" if actor else "",
    ]
    return event_content(_NAME, joined(parts), quoted_text(data.text("comment")))


def _value(subject: Fields, title: str) -> str:
    """What the exception says, unless the title says it."""
    value = subject.line("metadata", "value")
    return "" if not value or value in title else escape_line(value)


def _tags(event: Fields) -> str:
    """The tags that tell where it happened. They are pairs, or objects with `key` and `value`."""
    tags = dict[str, str]()
    for each in event.items("tags"):
        match each:
            case [str(key), str(value)] | {"key": str(key), "value": str(value)}:
                tags[key] = value
    if environment := event.line("environment"):
        tags["environment"] = environment
    return joined((inline_code(f"{each}={tags[each]}") for each in _TAGS if each in tags), " ")
