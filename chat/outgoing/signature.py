"""The signature of a request, as in Standard Webhooks (standardwebhooks.com, version 1)."""

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A random secret: `whsec_` and 32 bytes as Base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows that the body is from this chat.

    `timestamp` is in seconds since 1970. Signed are the id, the timestamp and the body, with full
    stops between them, by HMAC-SHA256.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
