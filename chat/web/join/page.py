"""The HTML of a page with one sentence and one button, as for an invitation that has ended."""

from html import escape

from chat.languages import Language

_STYLE = """
:root { color-scheme: light dark; --surface: #faf9fe; --text: #1b1b21; --button: #4f46e5;
  --on-button: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --surface: #121318; --text: #e4e1e9; --button: #bdc2ff; --on-button: #1f2359; }
}
* { box-sizing: border-box; }
body { margin: 0; background: #faf9fe; background: var(--surface); color: #1b1b21;
  color: var(--text); font: 16px/1.5 Roboto, system-ui, sans-serif; }
main { display: flex; flex-direction: column; align-items: center; justify-content: center;
  min-height: 100vh; max-width: 420px; margin: 0 auto; padding: 32px 20px; text-align: center;
  overflow-wrap: anywhere; }
svg { width: 72px; height: 72px; }
h1 { margin: 16px 0 8px; font-size: 24px; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 24px; text-wrap: pretty; }
.button { display: inline-block; min-height: 48px; padding: 11px 24px; border-radius: 24px;
  background: #4f46e5; background: var(--button); color: #fff; color: var(--on-button);
  font-weight: 600; text-decoration: none; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 3px; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" content="#FAF9FE" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#121318" media="(prefers-color-scheme: dark)">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{logo}
<h1>{title}</h1>
<p role="alert">{sentence}</p>
{button}</main>
</body>
</html>
"""


def refusal_page(t: Language, title: str, sentence: str, *, logo: str, button: str = "") -> str:
    """A page that says why an invitation does not work. `logo` is an SVG.

    `button` is the address of the chat, "" where nobody comes in without an invitation.
    """
    link = ""
    if button:
        label = escape(t("Open the chat without it"))
        link = f'<a class="button" href="{escape(button)}">{label}</a>\n'
    return _PAGE.format(
        language=t.tag,
        title=escape(title),
        style=_STYLE,
        logo=logo,
        sentence=escape(sentence),
        button=link,
    )
