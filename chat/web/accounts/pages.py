"""The pages of accounts: sign in, what a person has set up, and a new password by a link."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from chat.accounts.password_hashes import EXTRA
from chat.accounts.password_rules import MIN_LENGTH
from chat.errors import MissingExtra
from chat.languages import Language
from chat.model.accounts import ProviderAccount, SignInMethods
from chat.model.people import Person
from chat.web.accounts.frame import (
    ACCOUNT_PATH,
    Frame,
    button,
    link,
    notice,
    refusal,
    section,
    separator,
    text_field,
    weak,
)
from chat.web.accounts.passkey_parts import PASSKEY_SCRIPT, passkey_button, passkey_section

# Leaves the secret of a link out of the address bar, and so out of the history.
SECRET_SCRIPT = """<script>
history.replaceState(null, "", location.pathname);
</script>
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """The ways to sign in that this chat has: passwords, and the host of an OpenID provider.

    `passkey_problem` is why passkeys cannot be used on this page, or "".
    """

    has_passwords: bool
    passkey_problem: str
    provider: str = ""


def sign_in_page(frame: Frame, name: str, sentence: str, offer: Offer) -> str:
    """The page of a stranger who is somebody here already."""
    t = frame.t
    parts = [refusal(sentence)]
    if offer.has_passwords:
        parts.append(frame.clear_text_warning())
        parts.append(
            frame.form(
                "/sign-in",
                text_field("username", t("Your name"), "username", name, is_focused=not name),
                text_field("password", t("Password"), "current-password", is_focused=bool(name)),
                button(t("Sign in")),
            )
        )
    elif not offer.provider:
        parts.append(weak(t.error(MissingExtra(EXTRA))))
    others = [] if offer.passkey_problem else [passkey_button(frame)]
    if offer.provider:
        label = t("Sign in with {host}", host=offer.provider)
        others.append(link(f"{frame.base}{ACCOUNT_PATH}/provider", label))
    if others:
        parts += [separator(t("or"))] * offer.has_passwords + others
    if offer.has_passwords and offer.passkey_problem:
        parts.append(weak(offer.passkey_problem))
    parts.append(
        weak(
            t(
                "You find these ways to sign in under Settings, Sign-in, on a device where you are "
                "in the chat. If you have none, or forgot your password, ask the owner of the "
                "chat for a link."
            )
        )
    )
    parts.append(link(f"{frame.base}/", t("Come in as somebody new")))
    script = "" if offer.passkey_problem else PASSKEY_SCRIPT
    return frame.page(t("Sign in"), *parts, script=script)


def settings_page(
    frame: Frame,
    person: Person,
    methods: SignInMethods,
    offer: Offer,
    *,
    sentence: str = "",
    done: str = "",
) -> str:
    """The page of a person: how they sign in on another device."""
    t = frame.t
    return frame.page(
        t("Sign-in"),
        refusal(sentence),
        notice(_done_sentence(done, t)),
        weak(_introduction(person, methods, t)),
        _password_section(frame, person, methods, has_passwords=offer.has_passwords),
        passkey_section(frame, methods.passkeys, offer.passkey_problem)
        if offer.has_passwords
        else "",
        _provider_section(frame, methods.provider_account, offer.provider),
        link(f"{frame.base}/", t("Back to the chat")),
        script="" if offer.passkey_problem else PASSKEY_SCRIPT,
    )


def reset_page(frame: Frame, person: Person, secret: str, sentence: str) -> str:
    """The page of a link with which a person sets a new password."""
    t = frame.t
    return frame.page(
        t("New password for {name}", name=person.name),
        refusal(sentence),
        frame.clear_text_warning(),
        frame.form(
            "/reset",
            _user_name(person),
            text_field("new", t("New password"), "new-password", is_focused=True),
            button(t("Set the password and sign in")),
            secret=secret,
        ),
        weak(_rule(t)),
        script=SECRET_SCRIPT,
    )


def sentence_page(frame: Frame, heading: str, sentence: str, *links: str) -> str:
    """A page that only says why something cannot be, and leads to the chat."""
    to_chat = link(f"{frame.base}/", frame.t("Open the chat"))
    return frame.page(heading, refusal(sentence), *links, to_chat)


def _introduction(person: Person, methods: SignInMethods, t: Language) -> str:
    if methods.is_claimed:
        return t(
            "You are {name}. The name stays yours, however long you are away, and you can be "
            "{name} on other devices.",
            name=person.name,
        )
    return t(
        "You are {name}, and only this device knows it. Add a way to sign in: then you can be "
        "{name} on other devices, and the name stays yours, however long you are away.",
        name=person.name,
    )


def _password_section(
    frame: Frame, person: Person, methods: SignInMethods, *, has_passwords: bool
) -> str:
    t = frame.t
    if not has_passwords:
        return section(t("Password"), weak(t.error(MissingExtra(EXTRA))))
    if not methods.has_password:
        return section(
            t("Password"),
            weak(_rule(t)),
            frame.clear_text_warning(),
            frame.form(
                "/password",
                _user_name(person),
                text_field("new", t("New password"), "new-password"),
                button(t("Set password")),
            ),
        )
    label, kind = t("Current password"), "current-password"
    change = frame.form(
        "/password",
        _user_name(person),
        text_field("current", label, kind),
        text_field("new", t("New password"), "new-password"),
        button(t("Change password")),
    )
    remove = frame.form(
        "/password/remove",
        text_field("current", label, kind, id_suffix="-to-remove"),
        button(t("Remove password"), is_quiet=True),
    )
    return section(
        t("Password"),
        weak(t("You have a password.")),
        f"<details><summary>{escape(t('Change password'))}</summary>\n"
        f"{frame.clear_text_warning()}{change}{weak(_rule(t))}</details>\n",
        f"<details><summary>{escape(t('Remove password'))}</summary>\n{remove}</details>\n",
    )


def _provider_section(frame: Frame, account: ProviderAccount | None, host: str) -> str:
    t = frame.t
    if account is None:
        label = t("Join an account at {host}", host=host)
        form = frame.form("/provider/join", button(label, is_quiet=True))
        hint = t("With it you come in on each device where you are signed in there.")
        return section(t("Account elsewhere"), weak(hint), form) if host else ""
    joined = t("{mail} at {host}", mail=account.mail, host=urlsplit(account.issuer).hostname)
    form = frame.form("/provider/remove", button(t("Remove the account"), is_quiet=True))
    return section(t("Account elsewhere"), weak(joined), form)


def _user_name(person: Person) -> str:
    """What a password manager stores beside the password."""
    return (
        f'<input type="text" name="username" value="{escape(person.name)}"'
        ' autocomplete="username" hidden>\n'
    )


def _rule(t: Language) -> str:
    return t("{count} characters or more. Some words in a row are easy to keep.", count=MIN_LENGTH)


def _done_sentence(done: str, t: Language) -> str:
    """What was done before the browser was sent on to this page."""
    match done:
        case "password":
            return t("Your password is set. Other devices that are signed in stay so.")
        case "passkey":
            return t("The passkey is added.")
        case "passkey-removed":
            return t("The passkey is removed. Delete it on its device, too.")
        case "provider":
            return t("You can sign in with this account now.")
        case "provider-removed":
            return t("The account is not joined to you any more.")
        case "reset":
            return t("The new password is set. Sign in with it in another browser.")
        case "password-removed":
            return t("You have no password any more.")
    return ""
