"""The keys that exports are signed with (R48)."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.signing import PublicKeys
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.timeline import instant


class KeyDocument(Struct, frozen=True):
    """A key that exports are, or were, signed with.

    key_id: what the signature of an export says
    algorithm: how it signs: `ECDSA_SHA_256` is ECDSA on P-256 with SHA-256, in DER
    public_key: the public half, as PEM
    valid_from: since when it exists; an export is never older than its key
    is_current: whether exports are signed with it now
    """

    key_id: str
    algorithm: str
    public_key: str
    valid_from: At
    is_current: bool


class KeysDocument(Struct, frozen=True):
    """The keys of exports.

    items: all keys that exports were ever signed with, oldest first
    """

    items: Sequence[KeyDocument]


def list_keys(keys: PublicKeys) -> Answer:
    """200 for anybody who is signed in: whoever is given an export can check it with these."""
    items = [
        KeyDocument(key.key_id, key.algorithm, key.pem, instant(key.made_at), key.is_current)
        for key in keys.all()
    ]
    return answer(200, KeysDocument(items))
