"""The index page that browsers load: the page of the installed Flet, with our tags inserted.

It is built at each start, so that it always fits the installed Flet.
"""

import html
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import flet_web

from chat.errors import CannotStart
from chat.languages import ENGLISH, all_languages
from chat.web.guard.content_policy import inline_script_hashes

# The engine fetches every listed font before the first frame, so that only the fonts of the chat
# are listed. (Flet lists fifteen for formulas and one of Apple's icons, too.)
_FONT_FAMILIES = {"Roboto", "MaterialIcons"}

# The page script, in this order: `socket-bridge.js` calls all files before it.
SCRIPTS = (
    "site-path.js",
    "device-key.js",
    "theme.js",
    "start-screen.js",
    "bootstrap.js",
    "visibility.js",
    "motion.js",
    "notifications.js",
    "file-transfer.js",
    "semantics-tree.js",
    "flutter-input.js",
    "composer-field.js",
    "formatting.js",
    "keyboard.js",
    "pointer.js",
    "announcements.js",
    "back-button.js",
    "copied-text.js",
    "reconnect.js",
    "outbox.js",
    "heartbeat.js",
    "socket-bridge.js",
)

# The page says whether its browser is somebody's: `start-screen.js` shows a form, or their room.
_VISITOR = '<html data-visitor="{}">'
STRANGER, KNOWN_PERSON = (_VISITOR.format(each).encode() for each in ("stranger", "known"))

# For a stranger who may be somebody here: the form leads to the page where they sign in.
STRANGER_OR_PERSON = STRANGER.replace(b">", b" data-accounts>")

# The text of a small button is longer than the button, and would take clicks beside it.
_STYLE = "flt-semantics[flt-tappable]:not(:has(flt-semantics)) { overflow: hidden !important }"

_TRANSLATED_CALL = re.compile(r'\bwords\(\s*"([^"\\]*)"\s*\)')


def assets_folder() -> Path:
    """Our artwork and scripts: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[2]
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def flet_folder() -> Path:
    """The web client of the installed Flet."""
    return Path(flet_web.get_package_web_dir())


def build_page(title: str, version: str, base_path: str = "") -> dict[str, bytes]:
    """The index page and the files that are generated with it: their contents by path.

    The page loads everything from under `<base_path>/v<version>/`, which browsers cache. It is kept
    in memory: systems clean their folders of temporary files while the chat runs. Raises
    CannotStart.
    """
    try:
        # Flet's functions work on files.
        with tempfile.TemporaryDirectory(prefix="flet-chat-") as name:
            folder = Path(name)
            _write_page(folder, title, version, base_path)
            return {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file()
            }
    except OSError as failure:
        raise CannotStart(
            f"The page could not be made in the folder of temporary files ({failure.strerror}). "
            "Make some room there, or choose another folder with TMPDIR."
        ) from failure


def _write_page(folder: Path, title: str, version: str, base_path: str) -> None:
    index = folder / "index.html"
    shutil.copyfile(flet_folder() / "index.html", index)
    flet_web.patch_index_html(
        index_path=str(index),
        base_href=f"{base_path}/",
        websocket_endpoint_path=f"{base_path}/ws",
        app_description=_read_manifest()["description"],
        no_cdn=True,
    )
    page = with_head_tags(index.read_text("utf-8"), title)
    index.write_text(with_versions(page, base_path, f"{base_path}/v{version}/"), "utf-8")
    _write_manifest(folder / "manifest.json", title, base_path)
    _write_font_list(folder / "assets")
    _write_bootstrap(folder / "flutter_bootstrap.js")
    _write_service_worker(folder / "sw.js", title, version, base_path)


def with_head_tags(index: str, title: str) -> str:
    """Flet's page with our title, colours, scripts and loading animation.

    Raises RuntimeError if Flet's page lacks the places to insert them.
    """
    name = html.escape(title)
    loading = (assets_folder() / "loading.html").read_text("utf-8")
    scripts = "".join(f'  <script src="{name}"></script>\n' for name in SCRIPTS)
    head = (
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '  <meta name="theme-color" content="#FAF9FE" media="(prefers-color-scheme: light)">\n'
        '  <meta name="theme-color" content="#121318" media="(prefers-color-scheme: dark)">\n'
        f"  <style>{_STYLE}</style>\n"
        f"  <script>\n{translations_script()}</script>\n"
        f"{scripts}</head>"
    )
    for pattern, replacement in (
        (r"<html>", KNOWN_PERSON.decode()),
        (r"<title>.*?</title>", f"<title>{name}</title>"),
        (
            r'<meta name="apple-mobile-web-app-title" content=".*?">',
            f'<meta name="apple-mobile-web-app-title" content="{name}">',
        ),
        (r'<div id="loading".*?</div>', loading.replace("{title}", name)),
        (r"</head>", head),
    ):
        index, count = re.subn(
            pattern, replacement.replace("\\", r"\\"), index, count=1, flags=re.DOTALL
        )
        if not count:
            raise RuntimeError(f"the page of this Flet has no {pattern}")
    return index


def with_versions(index: str, base_path: str, base: str) -> str:
    """The page, below `base_path`, with its scripts, engine and fonts loaded from `base`.

    Raises RuntimeError if Flet's page lacks one of the addresses to replace.
    """
    for before, after in (
        (f'flet.entrypointBaseUrl="{base_path}/"', f'flet.entrypointBaseUrl="{base}"'),
        (f'flet.assetBase="{base_path}/"', f'flet.assetBase="{base}"'),
        (
            f'flet.canvasKitBaseUrl="{base_path}/canvaskit/"',
            f'flet.canvasKitBaseUrl="{base}canvaskit/"',
        ),
        ('flet.fontFallbackBaseUrl="assets/', f'flet.fontFallbackBaseUrl="{base}assets/'),
        ('src="flutter_bootstrap.js"', f'src="{base}flutter_bootstrap.js"'),
        ('url("assets/fonts/', f'url("{base}assets/fonts/'),
        ('src="python.js"', f'src="{base}python.js"'),
        *((f'src="{name}"', f'src="{base}{name}"') for name in SCRIPTS),
    ):
        if before not in index:
            raise RuntimeError(f"the page of this Flet has no {before}")
        index = index.replace(before, after)
    return index


def logo() -> str:
    """The logo as an SVG element."""
    loading = (assets_folder() / "loading.html").read_text("utf-8")
    return loading[loading.index("<svg") : loading.index("</svg>") + len("</svg>")]


def offline_page(title: str, base_path: str, base: str) -> str:
    """The page that a browser shows while the server is unreachable.

    It is complete in itself except for its fonts, which are loaded from `base`.
    """
    icon = logo().replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    page = (assets_folder() / "offline.html").read_text("utf-8")
    page = page.replace("{logo}", logo()).replace("{icon}", "data:image/svg+xml," + quote(icon))
    page = page.replace("{languages}", translations_script())
    return (
        page.replace("{root}", base_path)
        .replace("{base}", base)
        .replace("{name}", html.escape(title))
    )


def script_sentences() -> list[str]:
    """The sentences of the page script: each literal in `words("…")`, on one line."""
    scripts = [assets_folder() / name for name in (*SCRIPTS, "offline.html")]
    return [each for path in scripts for each in _TRANSLATED_CALL.findall(path.read_text("utf-8"))]


def translations_script() -> str:
    """The script with the translations of these sentences, which selects the browser's language."""
    translations = {
        language.tag: {
            each: language(each) for each in script_sentences() if language is not ENGLISH
        }
        for language in all_languages()
    }
    # Without "<", no translation can close the script element.
    catalogues = json.dumps(translations, ensure_ascii=False).replace("<", "\\u003c")
    script = (assets_folder() / "translations.js").read_text("utf-8")
    return f"const CATALOGUES = {catalogues};\n{script}"


def _write_service_worker(path: Path, title: str, version: str, base_path: str) -> None:
    away = offline_page(title, base_path, f"{base_path}/v{version}/")
    hashes = " ".join(inline_script_hashes(away))
    constants = {"VERSION": version, "AWAY": away, "AWAY_SCRIPTS": hashes, "ROOT": base_path}
    lines = [f"const {name} = {json.dumps(value)};\n" for name, value in constants.items()]
    path.write_text("".join(lines) + (assets_folder() / "sw.js").read_text("utf-8"), "utf-8")


def _write_bootstrap(path: Path) -> None:
    """Write Flutter's bootstrap script without its service worker, and with our start screen.

    Flutter replaces any service worker by its own, which then removes itself and reloads the page.
    Its first frame is empty: `start-screen.js` stays until the chat is drawn, and lets the app
    start when nobody is signing in.
    Raises RuntimeError if Flet's script lacks one of the places.
    """
    script = (flet_folder() / path.name).read_text("utf-8")
    for pattern, replacement in (
        (r"serviceWorkerSettings: \{.*?\},", ""),
        (r"document\.getElementById\('loading'\)\?\.remove\(\);", ""),
        (r"(flet\.flutterApp = await)", r"await startScreen.mayStart();\n        \1"),
    ):
        script, count = re.subn(pattern, replacement, script, flags=re.DOTALL)
        if count != 1:
            raise RuntimeError(f"{path.name} of this Flet has no {pattern}")
    path.write_text(script, "utf-8")


def _read_manifest() -> dict[str, Any]:
    """The manifest of the installed app, which describes the chat for search engines, too."""
    manifest: dict[str, Any] = json.loads((assets_folder() / "manifest.json").read_text("utf-8"))
    return manifest


def _write_manifest(path: Path, title: str, base_path: str) -> None:
    manifest = {**_read_manifest(), "name": title, "short_name": title}
    manifest |= {key: base_path + manifest[key] for key in ("id", "start_url", "scope")}
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2), "utf-8")


def _write_font_list(folder: Path) -> None:
    """Write Flet's list of fonts, with a semi-bold beside Flet's only weight of Roboto.

    Without it, the engine draws bold text by smearing the regular font. All listed fonts are
    fetched before the first frame, so that one weight serves for 600 and 700.
    """
    path = folder / "FontManifest.json"
    semi_bold = Path("fonts") / "roboto-600.woff2"
    (folder / semi_bold).parent.mkdir(parents=True)
    shutil.copyfile(assets_folder() / semi_bold, folder / semi_bold)
    shutil.copyfile(flet_folder() / "assets" / "FontManifest.json", path)
    flet_web.patch_font_manifest_json(manifest_path=str(path))
    families = [
        family
        for family in json.loads(path.read_text("utf-8"))
        if family["family"] in _FONT_FAMILIES
    ]
    roboto = next(family for family in families if family["family"] == "Roboto")
    roboto["fonts"].append({"asset": semi_bold.as_posix(), "weight": 600})
    path.write_text(json.dumps(families), "utf-8")
