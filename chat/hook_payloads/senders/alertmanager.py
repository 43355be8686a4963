"""The webhooks of Alertmanager, and of Grafana, which sends the same and some fields more.

The format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config and
https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/.
"""

from collections.abc import Mapping

from chat.hook_payloads.colors import DANGER, GOOD, WARNING
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.limits import MAX_ALERTS
from chat.hook_payloads.markup_writer import bold, escape, escape_line, inline_code, joined, link
from chat.hook_payloads.pieces import Content, Part, Piece, Sender

_WARNING_SEVERITIES = {"warning", "warn", "info", "notice", "low", "none"}

# Annotations that have a place of their own, and links with their names.
_TEXT_ANNOTATIONS = ("summary", "message", "description")
_LINKS = {
    "dashboardURL": "Dashboard",
    "panelURL": "Panel",
    "silenceURL": "Silence",
}

# The end of an alert that has not ended.
_NO_TIME = "0001-"


def read(payload: Fields, headers: Mapping[str, str]) -> Content | None:
    """The content of a group of alerts; None if the payload is none."""
    if not isinstance(payload.get("alerts"), list) or not any(
        each in payload for each in ("receiver", "groupLabels", "commonLabels", "groupKey")
    ):
        return None
    alerts = payload.objects("alerts")
    is_grafana = any(each in payload for each in ("orgId", "state", "title"))
    common = _names(payload, "commonLabels") if len(alerts) > 1 else set[str]()
    parts = [_head(payload, alerts)]
    if len(alerts) > 1 and (labels := _labels(payload.pairs("commonLabels"), set())):
        parts.append(Part((Piece(labels),)))
    parts += [Part((_alert(each, common),), _color(each)) for each in alerts[:MAX_ALERTS]]
    truncated = payload.get("truncatedAlerts")
    more = len(alerts[MAX_ALERTS:]) + (truncated if isinstance(truncated, int) else 0)
    if more > 0:
        link_to_all = link("all alerts", payload.text("externalURL"))
        parts.append(Part((Piece(f"and {more:,} more: {link_to_all}"),)))
    return Content(tuple(parts), sender=Sender("Grafana" if is_grafana else "Alertmanager"))


def _head(payload: Fields, alerts: list[Fields]) -> Part:
    """The title of the group: Grafana's own, or the status with the labels of the group."""
    firing = sum(each.text("status") == "firing" for each in alerts)
    resolved = sum(each.text("status") == "resolved" for each in alerts)
    is_firing = payload.text("status") == "firing" if "status" in payload else firing > 0
    counts = joined(
        [f"{firing} firing" if firing else "", f"{resolved} resolved" if resolved else ""], ", "
    )
    names = [value for _, value in payload.pairs("groupLabels")]
    name = joined(names or [payload.line("commonLabels", "alertname")], " ")
    title = payload.line("title") or name or payload.line("receiver") or "Alerts"
    icon = "🔥" if is_firing else "✅"
    line = f"{icon} {bold(link(title, payload.text('externalURL')))}"
    pieces = [Piece(joined([line, counts]))]
    if payload.text("message") and not alerts:
        # Grafana's message repeats the alerts.
        pieces.append(Piece(escape(payload.text("message"))))
    return Part(tuple(pieces))


def _alert(alert: Fields, common: set[str]) -> Piece:
    """One alert: its name and times, its annotations, its labels and values, and its links."""
    name = alert.line("labels", "alertname") or "Alert"
    is_resolved = alert.text("status") == "resolved"
    started, ended = _time(alert.text("startsAt")), _time(alert.text("endsAt"))
    times = [
        f"since {started}" if started else "",
        f"until {ended}" if is_resolved and ended else "",
    ]
    state = "resolved" if is_resolved else escape_line(alert.text("status"))
    title = joined([bold(link(name, alert.text("generatorURL"))), state, joined(times, " ")])
    annotations = dict(alert.pairs("annotations"))
    texts = dict.fromkeys(annotations.pop(each, "").strip() for each in _TEXT_ANNOTATIONS)
    runbook = annotations.pop("runbook_url", "")
    others = (f"{bold(escape_line(key))}: {escape(text)}" for key, text in annotations.items())
    labels = _labels(alert.pairs("labels"), {"alertname", *common})
    values = [f"{key} = {value}" for key, value in alert.pairs("values")]
    values = values or [alert.line("valueString")]
    links = [link(words, url) for field, words in _LINKS.items() if (url := alert.text(field))]
    links = [link("Runbook", runbook) if runbook else "", *links]
    return Piece(
        joined(
            [
                title,
                *map(escape, texts),
                *others,
                labels,
                joined(map(inline_code, values), " "),
                joined(links),
            ],
            "\n",
        )
    )


def _labels(pairs: list[tuple[str, str]], hidden: set[str]) -> str:
    return joined([inline_code(f"{key}={value}") for key, value in pairs if key not in hidden], " ")


def _names(payload: Fields, field: str) -> set[str]:
    return {name for name, _ in payload.pairs(field)}


def _color(alert: Fields) -> str:
    if alert.text("status") == "resolved":
        return GOOD
    is_mild = alert.text("labels", "severity").lower() in _WARNING_SEVERITIES
    return WARNING if is_mild else DANGER


def _time(text: str) -> str:
    """A time such as “2026-11-30T14:05:09.123Z” without its fractions."""
    if text.startswith(_NO_TIME) or len(text) > 40:
        return ""
    date, _, time = text.partition("T")
    zone = "UTC" if time.endswith("Z") else time[-6:] if time[-6:-5] in {"+", "-"} else ""
    return escape_line(joined([date, time[:5], zone], " "))
