"""Where goods go back to, and the parcel in which they do (R36, R42)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """R42: an address as the seller confirmed it; every one stays. `address_id` counts per case.

    `salt` lies beside the lines, so that nobody finds them from the digest alone.
    """

    address_id: str
    lines: tuple[str, ...]
    confirmed_at: datetime
    salt: str = ""

    @property
    def digest(self) -> str:
        """What the timeline holds of it: SHA-256, in hex, of the canonical JSON of `lines` and `salt`."""
        canonical = json.dumps(
            {"lines": self.lines, "salt": self.salt},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReturnParcel:
    """R36: the parcel in which the goods go back, and which of the confirmed addresses it went to."""

    carrier: str
    tracking_number: str
    shipped_at: datetime
    address_id: str = ""
