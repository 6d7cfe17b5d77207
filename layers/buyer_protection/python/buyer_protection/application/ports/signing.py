"""What signs exports, and the keys that they can be checked with. Adapters and fakes are held to one contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class PublicKey(Struct, frozen=True):
    """A key that exports are, or were, signed with: `pem` is its public half, a PEM of SubjectPublicKeyInfo."""

    key_id: str
    algorithm: str
    pem: str
    made_at: datetime
    is_current: bool


class Signer(Protocol):
    """The one key that exports are signed with now."""

    @property
    def key_id(self) -> str:
        """What `PublicKey.key_id` says of it."""
        ...

    @property
    def algorithm(self) -> str:
        """How it signs: `ECDSA_SHA_256`, on the curve P-256."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature, in DER, of at most 4,096 bytes."""
        ...


class PublicKeys(Protocol):
    """All keys that exports were ever signed with: none leaves, so that no export becomes one that nobody can check."""

    def all(self) -> Sequence[PublicKey]:
        """Oldest first; the last one is current."""
        ...
