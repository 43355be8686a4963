"""The name of a device, as its browser describes it: “Chrome on Windows”."""

from chat.errors import gettext_noop
from chat.languages import Language

# The header is of any length; what names a browser is in its first part.
_READ = 400

# Parts of the `User-Agent` and the names of browsers. Most say that they are Chrome or Safari, too,
# so that these come last (MDN, Browser detection using the user agent string).
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
# An iPad asks for the pages of a Mac. A phone with Android says that it is Linux, too.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)

_ON = gettext_noop("{browser} on {system}")


def browser_label(user_agent: str | None, t: Language) -> str:
    """A name for the browser that sends this `User-Agent`."""
    read = (user_agent or "")[:_READ]
    browser = next((name for part, name in _BROWSERS if part in read), "")
    system = next((name for part, name in _SYSTEMS if part in read), "")
    if browser and system:
        return t(_ON, browser=browser, system=system)
    return browser or system or t("A browser")
