"""The errors of a PostgreSQL server: what becomes of a transaction, and sentences for the start."""

import structlog
from psycopg import errors
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from chat.errors import CannotStart

log = structlog.get_logger(__name__)

# The transaction was undone by the server, and may succeed when it is repeated: it lost against
# another one, it waited too long for the lock of the store, or it was idle for too long.
_REPEATABLE = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.IdleInTransactionSessionTimeout,
)


def is_connection_lost(failure: Exception) -> bool:
    """Whether the server cannot be reached, or has closed the connection."""
    if not isinstance(failure, DBAPIError):
        return False
    if failure.connection_invalidated or isinstance(failure.orig, _GONE):
        return True
    # libpq gives the errors of an attempt to connect no code.
    return isinstance(failure.orig, errors.OperationalError) and failure.orig.sqlstate is None


# The server shuts down, starts, or has crashed; or there is no connection left.
_GONE = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.ConnectionException,
    errors.TooManyConnections,
)


def is_repeatable(failure: Exception) -> bool:
    """Whether a transaction that raised this error has stored nothing, and may be repeated."""
    return isinstance(failure, DBAPIError) and isinstance(failure.orig, _REPEATABLE)


def starting_error(url: URL, failure: Exception) -> CannotStart:
    """The error for a database that cannot be opened at the start."""
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    reason = _first_line(cause)
    database, user = url.database or url.username, url.username or "you"
    server = f"{url.host or 'this computer'}{f':{url.port}' if url.port else ''}"
    if "password authentication failed" in reason or "no password supplied" in reason:
        return CannotStart(
            f"PostgreSQL at {server} refuses the password of the user {user}. Correct it in "
            "--database: postgresql://USER:PASSWORD@HOST/NAME."
        )
    if "database" in reason and "does not exist" in reason:
        return CannotStart(
            f"PostgreSQL at {server} has no database {database}. Create it with "
            f"createdb --encoding=UTF8 {database}, or name another in --database."
        )
    if "role" in reason and "does not exist" in reason:
        return CannotStart(
            f"PostgreSQL at {server} has no user {user}. Create it with createuser --pwprompt "
            f"{user}, or name another in --database."
        )
    if isinstance(cause, errors.InsufficientPrivilege):
        return CannotStart(
            f"The user {user} may not create tables in the database {database} ({reason}). Make "
            f"them its owner: ALTER DATABASE {database} OWNER TO {user}."
        )
    if isinstance(cause, errors.OperationalError):
        return CannotStart(
            f"PostgreSQL at {server} cannot be reached ({reason}). Start it, or correct the "
            "address in --database."
        )
    log.error("the database was not brought up to date", exc_info=failure)
    return CannotStart(
        f"The database {database} on {server} could not be brought up to date ({reason}). "
        "The log says more."
    )


def _first_line(failure: BaseException | None) -> str:
    """The reason that the server or the driver gives, without its further lines."""
    lines = str(failure).strip().splitlines()
    last = lines[-1] if lines and "FATAL:" in lines[-1] else (lines[0] if lines else "no reason")
    return last.rpartition("FATAL:")[2].strip()
