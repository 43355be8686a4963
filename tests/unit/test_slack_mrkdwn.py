"""Slack's mrkdwn: each mark becomes ours, and what is no mark stays a character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.hook_payloads.slack.mrkdwn import to_label, to_markup
from chat.text.markup.nodes import CodeBlock, Link, Paragraph, Span, Style, plain_text_lines
from chat.text.markup.reader import parse_markup, to_plain_text

# Without a colon: “:a:” is an emoji.
ATOMS = [
    *("a", "b", "1", " ", "\n", *"*_~`<>|[]()\\#-+.=!$@&;"),
    *("http://a.b/c", "<http://a.b/c|d>", "<http://a.b/c>", "&amp;", "&lt;", "&gt;", "||", "$$"),
    *("```", "`a`", "*b*", "_i_", "~s~", "- ", "> ", "|a|b|\n", "你"),
]
TEXTS = st.lists(st.sampled_from(ATOMS), max_size=25).map("".join)


@pytest.mark.parametrize(
    ("mrkdwn", "markup"),
    [
        ("*b* *two words* (*c*), *d*: *", "**b** **two words** (**c**), **d**: \\*"),
        ("**b** ***c***", "**b** ***c***"),
        ("a*b*c 2 * 3 * 4", "a\\*b\\*c 2 * 3 * 4"),
        ("*a *b*", "\\*a **b**"),
        ("*over\ntwo lines*", "\\*over\ntwo lines\\*"),
        ("* a\n* b", "* a\n* b"),
        ("~s~ ~~t~~ ~/x ~", "~~s~~ ~~t~~ ~/x ~"),
        ("_i_ snake_case_name", "_i_ snake_case_name"),
        ("*_both_* _*both*_", "**_both_** _**both**_"),
        ("`a*b* &lt;` ``c`d``", "`a*b* <` ``c`d``"),
        ("a ` b\nc ` d", "a \\` b\nc \\` d"),
        ("&lt;b&gt; &amp;amp; &copy;", "\\<b> &amp; &copy;"),
        ("&gt; quoted\n> too", "> quoted\n> too"),
        ("a||b|| and $$x$$", "a\\|\\|b\\|\\| and \\$\\$x\\$\\$"),
        ("| a || b |", "| a || b |"),
        ("C:\\temp\\*.log", "C:\\temp\\\\\\*.log"),
        ("¯\\_(ツ)_/¯", "¯\\_(ツ)_/¯"),
        (":tada: :nothing_such: 10:30:00", "🎉 :nothing_such: 10:30:00"),
        ("<https://a.b/c|d *e*>", "[d \\*e\\*](https://a.b/c)"),
        ("*<https://a.b/c|d>*", "**[d](https://a.b/c)**"),
        ("<https://a.b/c>", "https://a.b/c"),
        ("<https://a.b/c?x=1&amp;y=2|d>", "[d](https://a.b/c?x=1&y=2)"),
        ("https://a.b/c_*d*_e", "https://a.b/c_*d*_e"),
        ("now!<https://a.b/c|d>", "now\\![d](https://a.b/c)"),
        ("<mailto:a@b.co|Ann>", "[Ann](mailto:a@b.co)"),
        ("<javascript:alert(1)|x>", "x (javascript:alert(1))"),
        ("<@U1|ann> <@U2> <@W3|@bob>", "@ann @U2 @bob"),
        ("<!here> <!here|here> <!channel> <!everyone> <!group>", "@here @here" + 3 * " @everyone"),
        (
            "@channel, @All. `@all` ann@all.example @allan",
            "@everyone, @everyone. `@all` ann@all.example @allan",
        ),
        ("now<!channel>all", "now @everyone all"),
        ("<!subteam^S1|@devs> <!subteam^S1>", "@devs @S1"),
        ("<#C1|general> <#C1>", "#general #C1"),
        ("<!date^0^{date}|long ago> <!date^0^{date}>", "long ago 1970-01-01 00:00 UTC"),
        ("<!date^0^{date}^https://a.b/c|long ago>", "[long ago](https://a.b/c)"),
        ("<!date^x^{date}>", "\\<!date^x^{date}>"),
        ("<!new^thing|its label> <!new^thing>", "its label \\<!new^thing>"),
        ("a < b > c <b>", "a < b > c \\<b>"),
        ("[d](https://a.b/c)", "[d](https://a.b/c)"),
    ],
)
def test_mrkdwn_becomes_markup(mrkdwn: str, markup: str) -> None:
    assert to_markup(mrkdwn) == markup


@pytest.mark.parametrize(
    ("mrkdwn", "code", "language"),
    [
        ("```a *b* _c_```", "a *b* _c_", ""),
        ("```a\nb```", "a\nb", ""),
        ("```\na\nb\n```", "a\nb", ""),
        ("```python\na\n```", "a", "python"),
        ("```two words\na\n```", "two words\na", ""),
        ("```spoiler\na\n```", "spoiler\na", ""),
        ("```a &lt; <https://b.c|d>```", "a < <https://b.c|d>", ""),
        ("```not closed", "not closed", ""),
    ],
)
def test_code_is_not_touched(mrkdwn: str, code: str, language: str) -> None:
    markup = parse_markup(f"{to_markup(mrkdwn)}")
    assert markup is not None
    (block,) = markup.blocks
    assert isinstance(block, CodeBlock)
    assert (block.text, block.language) == (code, language)


def test_code_within_a_line_is_on_lines_of_its_own() -> None:
    markup = parse_markup(to_markup("before ```code``` after"))
    assert markup is not None
    assert [type(each) for each in markup.blocks] == [Paragraph, CodeBlock, Paragraph]


def test_styles_and_links_are_drawn_as_such() -> None:
    markup = parse_markup(to_markup("*b* _i_ ~s~ `c` *<https://a.b|l>*"))
    assert markup is not None
    (block,) = markup.blocks
    assert isinstance(block, Paragraph)
    styled = [span for span in block.spans if span.text.strip()]
    assert styled == [
        Span("b", Style.BOLD),
        Span("i", Style.ITALIC),
        Span("s", Style.STRIKE),
        Span("c", Style.CODE),
        Span("l", Style.BOLD, Link("https://a.b")),
    ]


def test_text_without_styles_has_links_and_mentions() -> None:
    text = "*a* <https://a.b|c> &lt; <@U1|ann> ```d```"
    assert to_markup(text, is_styled=False) == (
        "\\*a\\* [c](https://a.b) < @ann \\`\\`\\`d\\`\\`\\`"
    )


def test_label_is_text_only() -> None:
    assert to_label("*a* [b] <@U1|ann> <https://a.b|c>\nd") == (
        "\\*a\\* \\[b\\] @ann c (https://a.b) d"
    )


@settings(deadline=None)
@given(TEXTS)
def test_no_letter_of_a_text_is_lost(text: str) -> None:
    shown = to_plain_text(to_markup(text))
    nodes = parse_markup(to_markup(text))
    if nodes is not None:
        # The plain text has no language of a block of code, and no address behind a text.
        languages = [each.language for each in nodes.blocks if isinstance(each, CodeBlock)]
        shown = "\n".join([*plain_text_lines(nodes.blocks), *languages])
    plain = text.replace("http://a.b/c|d", "d").replace("http://a.b/c", "")
    for entity in ("&amp;", "&lt;", "&gt;"):
        plain = plain.replace(entity, "")
    assert count_letters(plain) <= count_letters(shown), (plain, shown)


def count_letters(text: str) -> int:
    """How many letters of the atoms a text has."""
    return sum(text.count(each) for each in "ab1你")
