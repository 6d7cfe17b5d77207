"""Answers of reading calls, without what each call makes anew: what is left is the same as long as nothing changes."""

from typing import Any

_OF_THE_CALL = ("exported_at", "signature", "salt", "url", "expires_at", "as_of")


def lasting(value: Any) -> Any:
    """An answer's lasting part. Digests of the parties' names, the texts of no entry, are made for the export."""
    if isinstance(value, dict):
        made = (*_OF_THE_CALL, "sha256") if value.get("seq") == 0 else _OF_THE_CALL
        return {name: lasting(one) for name, one in value.items() if name not in made}
    return [lasting(one) for one in value] if isinstance(value, list) else value
