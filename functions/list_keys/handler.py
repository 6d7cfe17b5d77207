"""GET /v1/keys: the public keys that exports are signed with, old ones included (R48)."""

from buyer_protection.application.actions import keys
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_keys")
def handler(_request: edge.Request) -> Answer:
    """200 for anybody who is signed in."""
    return keys.list_keys(container.get().public_keys)
