"""Payloads of webhooks: what each sender's becomes, that nothing is lost, and that none stalls."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.errors import NoTextInPayload
from chat.hook_payloads.colors import color_of
from chat.hook_payloads.composition import REST_IS_IN_FILE
from chat.hook_payloads.limits import (
    CHANNEL_LIMIT,
    MAX_ATTACHMENTS,
    MAX_BLOCKS,
    MAX_DEPTH,
    MAX_FORM_FIELDS,
    SUMMARY_LIMIT,
    USERNAME_LIMIT,
)
from chat.hook_payloads.message import HookMessage, without_calls
from chat.hook_payloads.reader import read_payload
from chat.languages import ENGLISH
from chat.model.people import Person
from chat.model.programs import Bar
from chat.text.markup.bars import bar_groups
from chat.text.markup.nodes import (
    CodeBlock,
    HorizontalRule,
    Link,
    ListBlock,
    Paragraph,
    Table,
)
from chat.text.markup.reader import parse_markup
from chat.text.mentions import parse_mentions
from chat.text.message_text import TEXT_LIMIT, validate_text
from chat.ui.markup.blocks import BlockRenderer
from tests.payloads import Request, expected_path, requests, shown

BODY_LIMIT = 256 * 1024
REQUESTS = list(requests())


def read(value: object, **headers: str) -> HookMessage:
    """The message of a value that is sent as JSON."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return read_payload("application/json", json.dumps(value).encode(), names)


def read_body(body: str | bytes, content_type: str | None = None) -> HookMessage:
    """The message of a body."""
    return read_payload(content_type, body if isinstance(body, bytes) else body.encode())


def check(message: HookMessage) -> None:
    """A room can store the message, and draws its ranges."""
    validate_text(message.text)
    assert len(message.summary) <= SUMMARY_LIMIT and "\n" not in message.summary
    end = 0
    for each in message.colors:
        assert end <= each.start < each.end <= len(message.text)
        assert message.text[each.start : each.end].strip()
        assert color_of(each.color) == each.color
        end = each.end
    assert (message.full_text is not None) == message.text.endswith(REST_IS_IN_FILE)
    assert len(message.sender.username) <= USERNAME_LIMIT
    assert len(message.address.channel) <= CHANNEL_LIMIT
    assert len(message.mention_text) <= TEXT_LIMIT


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.name)
def test_payload_becomes_the_expected_message(request_: Request) -> None:
    assert shown(request_) == expected_path(request_).read_text("utf-8"), (
        "python -m tests.payloads writes the messages anew; the difference must be what you meant"
    )
    check(request_.read())


def test_every_expected_message_has_its_payload() -> None:
    paths = {expected_path(each) for each in REQUESTS}
    assert set(next(iter(paths)).parent.iterdir()) == paths


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.name)
def test_message_is_drawn_with_its_markup(request_: Request) -> None:
    message = request_.read()
    markup = parse_markup(message.text)
    if markup is None:
        assert not any(mark in message.text for mark in ("](", "**", "| --- |", "```", "\\"))
        return
    groups = bar_groups(message.text, markup, [Bar(*each) for each in message.colors])
    BlockRenderer(ENGLISH, (), on_click=print).render(groups, "")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.name)
def test_ranges_of_colour_hold_whole_blocks(request_: Request) -> None:
    text = request_.read().text
    for start, end, _ in request_.read().colors:
        assert start == 0 or text[:start].endswith("\n\n")
        assert end == len(text) or text[end:].startswith("\n\n")


def test_block_kit_is_drawn_as_headings_tables_lists_rules_and_code() -> None:
    (each,) = (each for each in REQUESTS if each.name == "slack-block-kit.json")
    markup = parse_markup(each.read().text)
    assert markup is not None
    kinds = [type(block) for block in markup.blocks]
    assert kinds[:2] == [Paragraph, Table]
    first = markup.blocks[0]
    assert isinstance(first, Paragraph) and first.heading_level == 2
    assert {ListBlock, HorizontalRule, CodeBlock} <= set(kinds)
    links = {
        span.link.url
        for block in markup.blocks
        if isinstance(block, Paragraph)
        for span in block.spans
        if span.link
    }
    assert "https://lab.example/help" in links


# The body


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "APPLICATION/JSON; charset=utf-8", "text/plain", "", None, "garbage"),
        *("application/x-www-form-urlencoded", "multipart/form-data", "text/html; charset=nope"),
        *("multipart/form-data; boundary=absent", "application/json; charset=punycode"),
    ],
)
def test_json_is_read_whatever_the_type_says(content_type: str | None) -> None:
    assert read_body('\ufeff {"text": "hällo"}', content_type).text == "hällo"


@pytest.mark.parametrize(
    "body",
    [
        *('{"text": "a" "b"}', '{"text":', "[1, 2", '{"text": NULL}', "5 apples", "null", "=a&b="),
        *("a=b&c=d", "hello from curl & friends", "{{ template }}"),
    ],
)
def test_what_is_no_json_and_no_form_is_text(body: str) -> None:
    for content_type in (None, "application/json", "application/x-www-form-urlencoded"):
        assert read_body(body, content_type).text == body


def test_raw_line_breaks_and_tabs_in_json_are_accepted() -> None:
    assert read_body('{"text": "a\nb\tc"}').text == "a\nb\tc"


def test_form_field_holds_json_or_text() -> None:
    form = "application/x-www-form-urlencoded"
    assert read_body("payload=%7B%22text%22%3A+%22a%2Bb%22%7D", form).text == "a+b"
    assert read_body("payload=just+text", form).text == "just text"
    message = read_body(
        "username=bot&text=a%0Ab&attachments=%5B%7B%22text%22%3A%22c%22%7D%5D", form
    )
    assert (message.text, message.sender.username) == ("a\nb\n\nc", "bot")


def test_text_in_quotation_marks_is_json_only_if_its_type_says_so() -> None:
    assert read_body('"a"').text == '"a"'
    assert read_body('"a"', "application/json").text == "a"


def test_form_with_the_header_of_an_event_is_that_event() -> None:
    form = "application/x-www-form-urlencoded"
    body = b"payload=%7B%22zen%22%3A%22Small+steps%22%7D"
    message = read_payload(form, body, {"x-github-event": "ping"})
    assert message.text == "The webhook works.\n\n> Small steps"


def test_form_of_a_type_that_says_text_is_text() -> None:
    assert read_body("text=a+b", "text/plain").text == "text=a+b"


def test_form_with_too_many_fields_is_text() -> None:
    body = "text=a" + "&b=c" * MAX_FORM_FIELDS
    assert read_body(body, "application/x-www-form-urlencoded").text == body


def multipart(*fields: tuple[str, bytes], end: bytes = b"\r\n") -> bytes:
    """A multipart body with the boundary “XX”."""
    pieces = [
        b"--XX"
        + end
        + b'Content-Disposition: form-data; name="'
        + name.encode()
        + b'"'
        + 2 * end
        + content
        + end
        for name, content in fields
    ]
    return b"".join(pieces) + b"--XX--" + end


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_multipart_holds_a_payload_or_fields(end: bytes) -> None:
    kind = "multipart/form-data; boundary=XX"
    payload = multipart(("payload", b'{"text": "a"}'), end=end)
    assert read_body(payload, kind).text == "a"
    fields = multipart(("text", "ä".encode()), ("channel", b"#c"), end=end)
    message = read_body(fields, kind)
    assert (message.text, message.address.channel) == ("ä", "#c")


def test_file_in_a_multipart_body_is_named_with_its_size() -> None:
    body = multipart(("picture", b"\x89PNG\x00\x00"))
    assert "(6 bytes)" in read_body(body, "multipart/form-data; boundary=XX").text


def test_multipart_with_too_many_parts_is_text() -> None:
    body = multipart(*[("text", b"a")] * (MAX_FORM_FIELDS + 1))
    assert read_body(body, "multipart/form-data; boundary=XX").text.startswith("--XX")


@pytest.mark.parametrize(
    ("charset", "encoding"), [("utf-8", "utf-8"), ("latin-1", "latin-1"), ("GBK", "gbk")]
)
def test_text_is_decoded_as_its_type_says(charset: str, encoding: str) -> None:
    text = "中文" if encoding == "gbk" else "é"
    body = text.encode(encoding)
    assert read_body(body, f"text/plain; charset={charset}").text == text


def test_text_in_no_known_encoding_is_kept_as_far_as_it_can_be() -> None:
    assert read_body(b"caf\xe9 au lait").text == "caf\ufffd au lait"


@pytest.mark.parametrize(
    "body",
    [
        *("", " \n", "{}", "[]", '""', '{"text": ""}', '{"text": null}', '{"text": " \u200b"}'),
        *('{"attachments": []}', '{"blocks": []}', '{"attachments": [{}], "username": "a"}'),
        *('{"blocks": [{"type": "actions", "elements": []}]}', "payload=", "text=&username=a"),
        '{"attachments": [{"color": "#fff", "ts": null}], "icon_emoji": ":a:"}',
    ],
)
def test_body_without_a_text_is_refused(body: str) -> None:
    with pytest.raises(NoTextInPayload) as refusal:
        read_body(body, "application/json")
    assert refusal.value.code == "no_text"


# What it becomes


def test_text_is_the_line_of_the_notification_if_there_are_blocks() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*shown*"}}]
    message = read({"text": "*line*\nnext", "blocks": blocks})
    assert (message.text, message.summary) == ("**shown**", "**line** next")


def test_blocks_that_say_nothing_leave_the_text() -> None:
    message = read({"text": "line", "blocks": [{"type": "actions", "elements": []}]})
    assert (message.text, message.summary) == ("line", "")


def test_fallback_is_the_text_of_an_attachment_without_another() -> None:
    message = read({"attachments": [{"fallback": "f *x*", "color": "danger"}]})
    assert (message.text, message.colors[0].color) == ("f \\*x\\*", "#e01e5a")


def test_other_json_with_a_text_field_that_is_empty_is_shown_as_code() -> None:
    assert '"sensor": 5' in read({"text": None, "sensor": 5}).text
    assert '"one"' in read({"text": ["one", "two"]}).text


@pytest.mark.parametrize(
    ("written", "color"),
    [
        *(("good", "#2eb67d"), ("WARNING", "#ecb22e"), ("danger", "#e01e5a")),
        *(("#abc", "#aabbcc"), ("36a64f", "#36a64f"), ("fffff", "#0fffff"), ("e80c", "#00e80c")),
        *(("#12345678", ""), ("red", ""), ("", ""), ("#", ""), ("ab", "")),
    ],
)
def test_color(written: str, color: str) -> None:
    assert color_of(written) == color


def test_attachments_among_the_properties_are_shown() -> None:
    message = read({"props": {"attachments": [{"text": "a", "color": "#000"}]}})
    assert (message.text, message.colors[0].color) == ("a", "#000000")


def test_two_attachments_of_one_colour_have_two_bars() -> None:
    message = read(
        {"attachments": [{"text": "a", "color": "good"}, {"text": "b", "color": "good"}]}
    )
    assert [message.text[start:end] for start, end, _ in message.colors] == ["a", "b"]


def test_sender_is_cleaned_and_its_picture_is_an_address_only() -> None:
    message = read(
        {
            "text": "x",
            "username": "  Ad\u202emin\u200b \n of\u0000 all " + "y" * 200,
            "icon_emoji": ":ghost:",
            "icon_url": "javascript:alert(1)",
            "channel": "#" + "c" * 500,
        }
    )
    assert message.sender.username.startswith("Admin of all y")
    assert len(message.sender.username) == USERNAME_LIMIT
    assert (message.sender.icon_emoji, message.sender.icon_url) == ("👻", "")
    assert len(message.address.channel) == CHANNEL_LIMIT
    assert read({"text": "x", "icon_emoji": "no emoji"}).sender.icon_emoji == ""


def test_text_is_no_emote() -> None:
    assert read({"text": "/me waves"}).text == "\\/me waves"
    assert read_body("/me waves").text == "/me waves"


# Mentions


@pytest.mark.parametrize(
    "text", ["<!here>", "<!channel>", "<!everyone>", "@here", "@everyone x", "@ＥＶＥＲＹＯＮＥ"]
)
def test_call_is_told_and_can_be_made_harmless(text: str) -> None:
    message = read({"attachments": [{"pretext": text, "text": f"{text} z", "color": "good"}]})
    assert message.calls_everyone
    harmless = message.without_calls()
    assert not harmless.calls_everyone
    called = parse_mentions(harmless.text, ())
    assert not (called.everyone or called.here)
    (before,), (after,) = message.colors, harmless.colors
    assert (
        harmless.text[after.start : after.end].replace("\u200a", "")
        == (message.text[before.start : before.end])
    )


def test_mention_counts_in_mrkdwn_and_plain_bodies_only() -> None:
    ann = Person(1, "Ann")
    plain = {"type": "section", "text": {"type": "plain_text", "text": "@Ann @everyone"}}
    pull = {"action": "opened", "issue": {"title": "a", "body": "@Ann @everyone"}}
    for message in (
        read({"blocks": [plain]}),
        read({"alerts": [{"labels": {"alertname": "@Ann @here"}}], "receiver": "r"}),
        read(pull, X_GitHub_Event="issues"),
        read({"anything": "@Ann @everyone"}),
    ):
        assert "@Ann" in message.text
        assert not message.calls_everyone
        assert not parse_mentions(message.mention_text, [ann]).person_ids
    for message in (
        read({"text": "<@U1|Ann>"}),
        read({"text": "@Ann"}),
        read_body("@Ann"),
        read({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "@Ann"}}]}),
    ):
        assert parse_mentions(message.mention_text, [ann]).person_ids == {1}


@settings(deadline=None)
@given(st.lists(st.sampled_from(["@here", "@everyone", "@", " ", "\n", "`", "a", "```\n", "@e."])))
def test_no_call_is_left(atoms: list[str]) -> None:
    text = "".join(atoms)
    called = parse_mentions(without_calls(text), ())
    assert not (called.everyone or called.here)
    assert without_calls(text).replace("\u200a", "") == text


# Limits


def test_text_at_the_limit_is_whole_and_a_longer_one_is_in_a_file() -> None:
    assert read({"text": "x" * (TEXT_LIMIT - 1)}).full_text is None
    assert read_body("x" * (TEXT_LIMIT - 1)).full_text is None
    words = "word " * 5_000
    for message in (read({"text": words}), read_body(words)):
        check(message)
        assert message.full_text == words.strip()
        assert TEXT_LIMIT - 200 < len(message.text) <= TEXT_LIMIT


def test_text_is_cut_between_lines_and_code_ends_before_the_last_line() -> None:
    lines = "\n".join(f"line {number}" for number in range(5_000))
    message = read({"text": f"```\n{lines}\n```"})
    markup = parse_markup(message.text)
    assert markup is not None
    code, last = markup.blocks
    assert isinstance(code, CodeBlock) and isinstance(last, Paragraph)
    assert lines.startswith(f"{code.text}\n")
    assert last.spans[0].text == REST_IS_IN_FILE


def test_more_markup_than_is_drawn_is_in_a_file() -> None:
    links = "\n".join(f"<https://a.b/{number}|link {number}>" for number in range(300))
    message = read({"text": links})
    check(message)
    markup = parse_markup(message.text)
    assert markup is not None
    assert message.full_text is not None and "link 299" in message.full_text
    groups = bar_groups(message.text, markup, ())
    BlockRenderer(ENGLISH, (), on_click=print).render(groups, "")
    first = markup.blocks[0]
    assert isinstance(first, Paragraph) and first.spans[0].link == Link("https://a.b/0")


def test_typed_text_with_more_marks_than_are_drawn_is_whole() -> None:
    log = "[x] *y* _z_ `q`\n" * 200
    assert read_body(log).text == log.strip()
    assert read_body(log).full_text is None


def everything(message: HookMessage) -> str:
    """All that is left of a payload: in the message or in its file."""
    return "\n".join([message.text, message.full_text or "", message.summary])


def test_attachments_and_blocks_beyond_the_limit_are_in_the_file() -> None:
    many = [{"text": f"word{number}x", "color": "good"} for number in range(1_000)]
    message = read({"attachments": many})
    check(message)
    assert len(message.colors) <= MAX_ATTACHMENTS
    blocks = [{"type": "header", "text": each} for each in many]
    for each in (message, read({"blocks": blocks})):
        assert all(f"word{number}x" in everything(each) for number in range(1_000))
    assert len(blocks) > MAX_BLOCKS


def test_deep_nesting_is_text() -> None:
    for depth in (MAX_DEPTH + 2, 900, 5_000, 100_000):
        body = '{"text": ' + "[" * depth + '"in"' + "]" * depth + "}"
        message = read_body(body, "application/json")
        check(message)
        assert '"in"' in everything(message)


def test_alerts_that_were_cut_are_text() -> None:
    labels = {"alertname": "A", "instance": "web"}
    alerts = [{"status": "firing", "labels": labels} for _ in range(20_000)]
    whole = json.dumps({"version": "4", "receiver": "r", "alerts": alerts})
    assert len(whole) > 2**20
    message = read_body(whole[:BODY_LIMIT], "application/json")
    check(message)
    assert message.full_text == whole[:BODY_LIMIT]


# Any value

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["mrkdwn", "plain_text", "<!here>", "```", "https://a.b", "\ud800", "\x00", "\u202e", "x"]
    )
)
NAMES = st.sampled_from(
    [
        *("text", "blocks", "attachments", "type", "fields", "elements", "title", "title_link"),
        *("pretext", "fallback", "value", "short", "actions", "url", "footer", "ts", "color"),
        *("accessory", "image_url", "alt_text", "rows", "style", "username", "mrkdwn", "options"),
        *("alerts", "labels", "annotations", "receiver", "startsAt", "commits", "repository"),
        *("sender", "action", "issue", "event", "data", "project", "level", "object_kind"),
        *("object_attributes", "user", "html_url", "message", "version", "name", "bold"),
    ]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6)
)
BLOCK_TYPES = st.sampled_from(
    [
        *("header", "section", "context", "divider", "image", "actions", "rich_text", "markdown"),
        *("table", "video", "alien", "rich_text_section", "rich_text_list", "rich_text_quote"),
        *("rich_text_preformatted", "text", "link", "emoji", "user", "broadcast", "date", "button"),
    ]
)
BLOCKS = st.recursive(
    st.fixed_dictionaries({"type": BLOCK_TYPES, "text": VALUES}),
    lambda inner: st.fixed_dictionaries(
        {"type": BLOCK_TYPES},
        optional={
            "elements": st.lists(inner, max_size=3),
            "text": inner | VALUES,
            "fields": st.lists(inner, max_size=3),
            "accessory": inner,
            "style": VALUES,
            "rows": VALUES,
        },
    ),
    max_leaves=8,
)
EVENTS = [
    *(("X-GitHub-Event", each) for each in ("push", "pull_request", "issues", "issue_comment")),
    *(("X-GitHub-Event", each) for each in ("release", "workflow_run", "ping", "check_run")),
    *(("X-GitHub-Event", each) for each in ("star", "create", "commit_comment", "anything else")),
    *(("X-Gitea-Event", each) for each in ("push", "pull_request_approved", "repository")),
    ("X-Gitlab-Event", "Push Hook"),
    *(("Sentry-Hook-Resource", each) for each in ("issue", "event_alert", "metric_alert", "error")),
    ("Sentry-Hook-Resource", "comment"),
]


def read_or_refuse(body: bytes, headers: dict[str, str]) -> None:
    try:
        message = read_payload("application/json", body, headers)
    except NoTextInPayload:
        return
    check(message)
    check(message.without_calls())


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, *EVENTS]))
def test_any_value_is_a_message_or_has_no_text(
    value: object, event: tuple[str, str] | None
) -> None:
    read_or_refuse(json.dumps(value).encode(), dict([event] if event else []))


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=4))
def test_any_blocks_are_a_message_or_have_no_text(blocks: list[object]) -> None:
    read_or_refuse(json.dumps({"attachments": [{"blocks": blocks}]}).encode(), {})
    read_or_refuse(json.dumps({"blocks": blocks, "text": "t"}).encode(), {})


@settings(deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]
    ),
)
def test_any_body_is_a_message_or_has_no_text(body: bytes, content_type: str) -> None:
    for each in (body, b"payload=" + body, b"--a\n" + body + b"\n--a--"):
        try:
            check(read_payload(content_type, each))
        except NoTextInPayload:
            continue


# Marks around a word that must be in the message.
FRAMES = st.sampled_from(
    [
        *("{}", "*{}*", "_{}_ ~a~", "`{}`", "```{}```", "```\n{}", "<https://a.b|{}>", "[{}](x)"),
        *("> {}", "- {}", "# {}", "a | {}", "||{}||", "$$ {} $$", "\\{}", "&lt;{}&gt;", "<{}>"),
        *("a\n\n\n{}", "  {}", "![{}](https://a.b)", "~~~\n{}", "| {} |\n|---|", "\x00{}\ud800"),
    ]
)


class Words:
    """Texts with words that occur once."""

    def __init__(self, draw: Callable[[st.SearchStrategy[str]], str]) -> None:
        self._draw = draw
        self.used: list[str] = []

    def text(self) -> str:
        """A text with a new word in it."""
        self.used.append(f"word{len(self.used)}x")
        return self._draw(FRAMES).replace("{}", self.used[-1])

    def object(self) -> object:
        """A text object."""
        return {"type": self._draw(st.sampled_from(["mrkdwn", "plain_text"])), "text": self.text()}


@st.composite
def payloads_with_words(draw: Callable[..., str]) -> tuple[object, list[str]]:
    """A payload that has a word in each field with text, and these words."""
    words = Words(draw)

    def section(kind: str) -> object:
        return {
            "type": kind,
            "elements": [
                {"type": "text", "text": words.text(), "style": {"bold": True}},
                {"type": "link", "text": words.text(), "url": "https://a.b"},
                {"type": "text", "text": words.text(), "style": {"code": True}},
            ],
        }

    blocks: list[object] = [
        {"type": "header", "text": words.object()},
        {
            "type": "section",
            "text": words.object(),
            "fields": [words.object() for _ in range(3)],
            "accessory": {"type": "button", "text": words.object(), "url": "https://a.b"},
        },
        {"type": "context", "elements": [words.object(), words.object()]},
        {"type": "image", "title": words.object(), "alt_text": words.text(), "image_url": ""},
        {
            "type": "rich_text",
            "elements": [
                *map(section, ("rich_text_section", "rich_text_quote", "rich_text_preformatted")),
                {"type": "rich_text_list", "elements": [section("rich_text_section")]},
            ],
        },
        {"type": "table", "rows": [[words.object(), words.object()], [words.object()]]},
        {"type": "alien", "title": words.text(), "elements": [{"type": "x", "text": words.text()}]},
        {"type": "video", "title": words.object(), "description": words.object()},
    ]
    attachment = {
        "pretext": words.text(),
        "author_name": words.text(),
        "title": words.text(),
        "title_link": draw(st.sampled_from(["", "https://a.b", "nowhere"])),
        "text": words.text(),
        "fields": [
            {"title": words.text(), "value": words.text(), "short": short}
            for short in (True, True, False)
        ],
        "footer": words.text(),
        "actions": [{"type": "button", "text": words.text(), "url": "https://a.b"}],
        "blocks": blocks[::2],
    }
    payload = {"text": words.text(), "blocks": blocks[1::2], "attachments": [attachment]}
    return payload, words.used


@settings(deadline=None, max_examples=60)
@given(payloads_with_words())
def test_no_text_of_a_payload_is_lost(drawn: tuple[object, list[str]]) -> None:
    payload, words = drawn
    message = read(payload)
    check(message)
    assert [each for each in words if each not in everything(message)] == []


# Time

ATOMS = [
    *("a", " ", "\n", "*", "_", "~", "`", "``", "```", "<", ">", "|", "||", "$$", "[", "](", "#"),
    *("\\", "!", "&amp;", "@", "@here ", "@e.", "<!here>", "<@U1|a>", "<https://a.b|c>", "- "),
    *("http://a(", "https://a.b ", "https://a.b*", "a@b.co ", ":tada:", ":\n", "-\n", "|a|\n"),
    *("|-|\n", "> ", "1. ", "*a*", "`a` ", "```a``` ", "<!--", "\n\n", "~~~\n", "中", "\u0301"),
    *("*a ", "<a", "\\|", "[a](http://b) ", "~a~", "_a ", ": ", "##", "# "),
]
SHAPES: dict[str, Callable[[str], object]] = {
    "text": lambda text: {"text": text},
    "plain text": lambda text: {
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    },
    "title": lambda text: {"attachments": [{"title": text, "title_link": "https://a.b"}]},
    "fields": lambda text: {"attachments": [{"fields": [{"value": text, "short": True}] * 2}]},
    "rich text": lambda text: {
        "blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": text}]}]
    },
    "markdown": lambda text: {"blocks": [{"type": "markdown", "text": text}]},
    "json": lambda text: {"value": text},
}
MANY: dict[str, Callable[[int], object]] = {
    "attachments": lambda count: {"attachments": [{"text": "a"}] * count},
    "blocks": lambda count: {"blocks": [{"type": "divider"}] * count},
    "styled runs": lambda count: {
        "blocks": [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "a", "style": {"bold": True}}]
                        * count,
                    }
                ],
            }
        ]
    },
    "nested lists": lambda count: {"a": [[0]] * count},
    "alerts": lambda count: {"receiver": "r", "alerts": [{"status": "firing"}] * count},
    "many fields": lambda count: {"attachments": [{"fields": [{"title": "a"}] * count}]},
}


# Seconds of CPU in which a body of 32 KiB is read at once. The others are compared.
QUICK = 0.12


def read_quietly(body: bytes) -> None:
    with suppress(NoTextInPayload):
        read_payload("application/json", body).without_calls()


def cpu_time(body: bytes) -> float:
    """The CPU time to read a body, in seconds."""
    start = time.process_time()
    read_quietly(body)
    return time.process_time() - start


def grows_with_its_length(body_of: Callable[[int], bytes]) -> bool:
    """Whether four times the input takes clearly less than sixteen times the time."""
    if cpu_time(body_of(4)) < QUICK:
        return True
    small, large = (min(cpu_time(body_of(size)) for _ in range(3)) for size in (1, 4))
    return large < 9 * small


def bodies() -> Iterator[tuple[str, Callable[[int], bytes]]]:
    for shape, payload in SHAPES.items():
        for atom in ATOMS:

            def body_of(
                size: int, payload: Callable[[str], object] = payload, atom: str = atom
            ) -> bytes:
                count = size * BODY_LIMIT // 32 // len(atom.encode())
                return json.dumps(payload(atom * count), ensure_ascii=False).encode()

            yield f"{shape}: {atom!r}", body_of
    for name, many in MANY.items():

        def body_with(size: int, many: Callable[[int], object] = many) -> bytes:
            return json.dumps(many(size * 1_000)).encode()

        yield name, body_with


@pytest.mark.parametrize("shape", [*SHAPES, *MANY])
def test_time_grows_with_the_length_of_a_body(shape: str) -> None:
    slow = [
        name
        for name, body_of in bodies()
        if name.partition(":")[0] == shape and not grows_with_its_length(body_of)
    ]
    assert slow == []
