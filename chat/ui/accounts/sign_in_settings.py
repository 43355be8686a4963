"""Settings, Sign-in: what a person has set up in a few words, and the page where they change it."""

from urllib.parse import urlsplit

import flet as ft

from chat.languages import Language
from chat.model.accounts import SignInMethods
from chat.ui.context import SessionContext

# The page with the forms: password managers fill in plain HTML, and browsers offer passkeys there.
_ACCOUNT_PATH = "/account"


def sign_in_summary(methods: SignInMethods, t: Language) -> str:
    """How a person may sign in on another device, as in “Password, 2 passkeys”."""
    parts = [t("Password")] * methods.has_password
    if count := len(methods.passkeys):
        parts.append(t.plural("One passkey", "{count} passkeys", count))
    if (account := methods.provider_account) is not None:
        parts.append(t("Account at {host}", host=urlsplit(account.issuer).hostname))
    if not parts:
        return t("Only this device knows you. Add a password, to come in elsewhere.")
    return t.join(parts)


async def open_sign_in_page(context: SessionContext, page: ft.Page) -> None:
    """Open the page in place of the chat; from the desktop window, in the browser.

    The browser does not know the person of the window, so that it gets a link for a new password.
    Raises MissingExtra.
    """
    if page.web:
        address, target = context.site.base_path + _ACCOUNT_PATH, "_self"
    else:
        secret = await context.workspace.passwords.make_link(context.me, context.me)
        address, target = f"{context.site.local_url}{_ACCOUNT_PATH}/reset?code={secret}", "_blank"
    await ft.UrlLauncher().launch_url(address, web_only_window_name=target)


def password_link(context: SessionContext, secret: str) -> str:
    """The address at which a person sets a new password."""
    return f"{context.site.url.rstrip('/')}{_ACCOUNT_PATH}/reset?code={secret}"
