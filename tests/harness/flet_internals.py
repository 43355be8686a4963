"""Private members of Flet that tests need: ids of controls, and the sessions that Flet keeps.

No other test file reads private members of other objects (`tests/project/test_private_members.py`).
"""

import flet as ft
from flet.messaging.session import Session
from flet_web.fastapi import app_manager


def id_of(control: ft.BaseControl) -> int:
    """The id of a control in Flet's protocol."""
    return control._i


def flet_sessions() -> dict[str, Session]:
    """All sessions that Flet has, by their id."""
    return {str(session.id): session for session in _sessions_by_key().values()}


def clear_flet_sessions() -> None:
    """Forget the sessions of earlier tests."""
    _sessions_by_key().clear()


async def expire_sessions(*expired: Session) -> None:
    """Delete sessions, as Flet does every ten seconds with those whose time is over."""
    for key, session in list(_sessions_by_key().items()):
        if session in expired:
            await app_manager.delete_session(key)


def _sessions_by_key() -> dict[str, Session]:
    sessions: dict[str, Session] = vars(app_manager)["_FletAppManager__sessions"]
    return sessions
