"""A signing key of a test's own, with a real signature: to what checks exports it looks like KMS."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from buyer_protection.application.ports.signing import PublicKey

_MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


class FakeSigner:
    """Ports `Signer` and `PublicKeys`: one key."""

    algorithm = "ECDSA_SHA_256"

    def __init__(self, made_at: datetime = _MADE_AT) -> None:
        self._key, self._made_at = ec.generate_private_key(ec.SECP256R1()), made_at
        self.key_id = secrets.token_hex(8)

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))

    def all(self) -> Sequence[PublicKey]:
        """See `PublicKeys.all`."""
        text = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return [PublicKey(self.key_id, self.algorithm, text.decode(), self._made_at, True)]


# Making a key takes long: one serves a whole run.
SIGNER = FakeSigner()
