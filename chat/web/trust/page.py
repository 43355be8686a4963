"""The HTML of the trust page: it works without JavaScript and in browsers of any age."""

from dataclasses import dataclass
from html import escape

from chat.errors import gettext_noop
from chat.languages import Language

TRUST_PATH = "/trust"
CERTIFICATE_PATH = f"{TRUST_PATH}/ca.crt"
PROFILE_PATH = f"{TRUST_PATH}/ca.mobileconfig"


@dataclass(frozen=True, slots=True)
class System:
    """A kind of device: what it downloads, and how it comes to trust that."""

    name: str
    # A part of the `User-Agent` of its browsers; none for a program.
    agents: tuple[str, ...]
    download: str
    steps: tuple[str, ...]


# In this order, a phone is found before the system that it is made of.
SYSTEMS = (
    System(
        gettext_noop("iPhone and iPad"),
        ("iPhone", "iPad"),
        PROFILE_PATH,
        (
            gettext_noop("Open this page in Safari, download the profile and choose Allow."),
            gettext_noop("Open Settings, tap Profile Downloaded, then Install."),
            gettext_noop(
                "In Settings, go to General, About, Certificate Trust Settings, and switch the "
                "certificate on."
            ),
        ),
    ),
    System(
        gettext_noop("Android"),
        ("Android",),
        CERTIFICATE_PATH,
        (
            gettext_noop("Download the certificate."),
            gettext_noop(
                "Open Settings, search for “CA certificate”, choose it and then Install anyway."
            ),
            gettext_noop(
                "Choose the downloaded file. In Firefox, also switch on “Use third party CA "
                "certificates” in its settings."
            ),
        ),
    ),
    System(
        gettext_noop("Mac"),
        ("Macintosh",),
        PROFILE_PATH,
        (
            gettext_noop("Download the profile."),
            gettext_noop(
                "Open System Settings, search for Device Management, open the profile there and "
                "choose Install."
            ),
            gettext_noop("Start the browser anew."),
        ),
    ),
    System(
        gettext_noop("Windows"),
        ("Windows",),
        CERTIFICATE_PATH,
        (
            gettext_noop("Download the certificate and open it. Choose Install Certificate."),
            gettext_noop(
                "Choose Current User, then “Place all certificates in the following store”, and "
                "there Trusted Root Certification Authorities."
            ),
            gettext_noop("Confirm, and start the browser anew."),
        ),
    ),
    System(
        gettext_noop("Linux and ChromeOS"),
        ("Linux", "CrOS"),
        CERTIFICATE_PATH,
        (
            gettext_noop("Download the certificate."),
            gettext_noop(
                "In Chrome or Chromium, open chrome://certificate-manager, then Custom, Installed "
                "by you, and import it below Trusted Certificates."
            ),
            gettext_noop("Start the browser anew."),
        ),
    ),
    System(
        gettext_noop("Firefox on a computer"),
        (),
        CERTIFICATE_PATH,
        (
            gettext_noop("Download the certificate."),
            gettext_noop(
                "Open Settings, search for Certificates, choose View Certificates, Authorities, "
                "Import, and let it identify websites."
            ),
        ),
    ),
)

_STYLE = """
:root { color-scheme: light dark; --surface: #faf9fe; --card: #fff; --text: #1b1b21;
  --faint: #56555f; --line: #dcdae4; --button: #4f46e5; --on-button: #fff;
  --word: #e8e6ff; --on-word: #2c2672; }
@media (prefers-color-scheme: dark) {
  :root { --surface: #121318; --card: #1b1c22; --text: #e4e1e9; --faint: #c4c2cd; --line: #3a3a44;
    --button: #bdc2ff; --on-button: #1f2359; --word: #2d2f52; --on-word: #dfe0ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: #faf9fe; background: var(--surface); color: #1b1b21;
  color: var(--text); font: 16px/1.5 Roboto, system-ui, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 32px 20px 56px; overflow-wrap: anywhere; }
header { text-align: center; }
header svg { width: 72px; height: 72px; }
h1 { margin: 16px 0 8px; font-size: 24px; line-height: 1.25; text-wrap: balance; }
h2 { margin: 36px 0 8px; font-size: 17px; }
p { margin: 0 0 12px; }
.faint, small { color: #56555f; color: var(--faint); }
small { font-size: 13px; }
ol { margin: 8px 0 16px; padding-left: 24px; }
li { margin: 0 0 6px; }
a { color: inherit; }
.words { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; padding: 0; list-style: none; }
.words li { margin: 0; padding: 6px 14px; border-radius: 10px; background: #e8e6ff;
  background: var(--word); color: #2c2672; color: var(--on-word); font-weight: 600; }
.words span { opacity: .75; margin-right: 6px; font-weight: 400; font-size: 13px; }
code { font: 12px/1.6 ui-monospace, monospace; color: #56555f; color: var(--faint); }
details { margin: 0 0 8px; border: 1px solid #dcdae4; border-color: var(--line);
  border-radius: 14px; background: #fff; background: var(--card); }
summary { padding: 13px 18px; font-weight: 600; cursor: pointer; }
details > div { padding: 0 18px 14px; }
.button { display: inline-block; min-height: 48px; padding: 11px 24px; border-radius: 24px;
  background: #4f46e5; background: var(--button); color: #fff; color: var(--on-button);
  font-weight: 600; text-decoration: none; }
.quiet { border: 1px solid #dcdae4; border-color: var(--line); background: none; color: inherit; }
.open { margin: 16px 0 0; }
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
{body}</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class TrustPage:
    """What the page shows: the title of the chat, its certificate, and where it leads.

    `words` and `sha256` are the fingerprint, `logo` is an SVG, `address` the page of the chat over
    https, `base` the path prefix of the chat.
    """

    title: str
    words: str
    sha256: str
    logo: str
    address: str
    base: str = ""


def trust_page(t: Language, page: TrustPage, user_agent: str) -> str:
    """The page, with the part about the system of this browser opened."""
    own = next((each for each in SYSTEMS if any(name in user_agent for name in each.agents)), None)
    title = t("A safe connection to {title}", title=page.title)
    words = "".join(
        f"<li><span>{number}</span>{escape(word)}</li>\n"
        for number, word in enumerate(page.words.split(" "), 1)
    )
    # In two lines, as on a phone's screen.
    sha256 = "<br>".join((page.sha256[:47], page.sha256[48:]))
    systems = "".join(_system(t, each, page.base, is_open=each is own) for each in SYSTEMS)
    body = (
        f"<header>{page.logo}\n<h1>{escape(title)}</h1>\n"
        f'<p class="faint">{escape(_introduction(t))}</p></header>\n'
        f'<h2>{escape(t("1. Compare these six words"))}</h2>\n<ol class="words">\n{words}</ol>\n'
        f"<p>{escape(_comparison(t))}</p>\n"
        f"<h2>{escape(t('2. Let this device trust the certificate'))}</h2>\n{systems}"
        f"<p><small>{escape(_bounds(t))}</small></p>\n"
        f"<p><small>{escape(t('SHA-256 of the certificate, which devices show as well:'))}</small>"
        f"<br><code>{sha256}</code></p>\n"
        f"<h2>{escape(t('3. Open the chat'))}</h2>\n"
        f'<p class="open"><a class="button" href="{escape(page.address)}">'
        f"{escape(t('Open the chat'))}</a></p>\n"
        f"<h2>{escape(t('Without the certificate'))}</h2>\n<p>{escape(_without(t))}</p>\n"
    )
    return _PAGE.format(language=t.tag, title=escape(title), style=_STYLE, body=body)


def _system(t: Language, system: System, base: str, *, is_open: bool) -> str:
    steps = "".join(f"<li>{escape(t(each))}</li>\n" for each in system.steps)
    is_profile = system.download == PROFILE_PATH
    label = t("Download the profile") if is_profile else t("Download the certificate")
    look = "button" if is_open else "button quiet"
    return (
        f"<details{' open' if is_open else ''}><summary>{escape(t(system.name))}</summary>\n<div>"
        f"<ol>\n{steps}</ol>\n"
        f'<a class="{look}" href="{base}{system.download}">{escape(label)}</a></div></details>\n'
    )


def _introduction(t: Language) -> str:
    return t(
        "What you write here travels encrypted. No public authority can vouch for a computer in "
        "your own network, so the chat has a certificate of its own. Your device needs to trust it "
        "once."
    )


def _comparison(t: Language) -> str:
    return t(
        "Whoever runs the chat sees the same words where it was started, and under Invite in the "
        "chat. If they differ, this is another chat: do not go on."
    )


def _bounds(t: Language) -> str:
    return t(
        "The certificate is valid for addresses of private networks and for names that end in "
        ".local. It cannot stand for any other site. When you do not use this chat any more, "
        "remove it in the same place."
    )


def _without(t: Language) -> str:
    return t(
        "You can also open the chat at once: the browser warns, and you choose Advanced and then "
        "Continue. Messages are encrypted as well, but the browser cannot tell this chat from "
        "somebody who pretends to be it. Notifications, the installed app and the page that waits "
        "while the server is away do not work, and the warning comes back."
    )
