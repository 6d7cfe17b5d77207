"""Signing keys in KMS, whose private halves never leave it (ports `Signer` and `PublicKeys`)."""

import base64
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.signing import PublicKey

ALGORITHM = "ECDSA_SHA_256"


class KmsSigner:
    """Signs with the key that has this ARN."""

    def __init__(self, key_arn: str) -> None:
        self._key_arn = key_arn

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`."""
        return _id_of(self._key_arn)

    @property
    def algorithm(self) -> str:
        """See `Signer.algorithm`."""
        return ALGORITHM

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`. KMS makes the digest itself."""
        answer = client("kms").sign(
            KeyId=self._key_arn, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM
        )
        return bytes(answer["Signature"])


class KmsPublicKeys:
    """The keys with these ARNs, oldest first."""

    def __init__(self, key_arns: Sequence[str]) -> None:
        self._key_arns = key_arns

    def all(self) -> Sequence[PublicKey]:
        """See `PublicKeys.all`."""
        return [_public(arn, is_current=arn == self._key_arns[-1]) for arn in self._key_arns]


def _public(arn: str, *, is_current: bool) -> PublicKey:
    der = client("kms").get_public_key(KeyId=arn)["PublicKey"]
    made_at: datetime = client("kms").describe_key(KeyId=arn)["KeyMetadata"]["CreationDate"]
    return PublicKey(_id_of(arn), ALGORITHM, pem_of(der), made_at.astimezone(UTC), is_current)


def pem_of(der: bytes) -> str:
    """A public key as text."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def _id_of(arn: str) -> str:
    """The key's id, which names no account."""
    return arn.rpartition("/")[2]
