"""A device with passkeys, which may also lie: a key pair, and answers as browsers send them."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
)

_FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """One passkey. `count` is what the device says that it has counted."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    count: int = 0
    is_unlocked: bool = True

    def makes(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """The answer to the options of a new passkey, on a page of this origin."""
        public_key = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public_key)
        data = self._data(options["rp"]["id"], credential)
        attestation = AttestationObject.create("none", data, {})
        asked = options["challenge"]
        client_data = _client_data("webauthn.create", asked, origin)
        return self._answer(clientDataJSON=client_data, attestationObject=bytes(attestation))

    def signs(self, options: Mapping[str, Any], origin: str) -> dict[str, Any]:
        """The answer to the options of a sign-in, on a page of this origin."""
        data = self._data(options["rpId"])
        client_data = _client_data("webauthn.get", options["challenge"], origin)
        signed = bytes(data) + sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client_data, authenticatorData=bytes(data), signature=signature
        )

    def _data(
        self, rp_id: str, credential: AttestedCredentialData | None = None
    ) -> AuthenticatorData:
        flags = _FLAG.UP | (_FLAG.UV if self.is_unlocked else 0)
        if credential is not None:
            flags |= _FLAG.AT
        rp_hash = sha256(rp_id.encode()).digest()
        data: AuthenticatorData = AuthenticatorData.create(
            rp_hash, flags, self.count, credential or b""
        )
        return data

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.credential_id),
            "rawId": websafe_encode(self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: websafe_encode(value) for name, value in parts.items()},
        }


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    """What the browser lets the device sign (WebAuthn, 5.8.1)."""
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()
