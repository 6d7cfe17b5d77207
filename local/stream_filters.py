"""A correction of the emulator: filters of event sources that name what a record does not have.

`{"task_token": {"S": [{"exists": false}]}}` holds for a record without the attribute. MiniStack goes no further where
an attribute is missing, and drops the record. The canary is tests/integration/test_emulator_filters_canary.py.
"""

from __future__ import annotations

from typing import Any

_MATCH = "_match_esm_filter"


def filter_what_is_absent(lambda_service: Any) -> None:
    """Put the correction into the given `ministack.services.lambda_svc` module, which asks at each level anew."""
    original = getattr(lambda_service, _MATCH)

    def match(record: dict[str, Any], pattern: dict[str, Any]) -> bool:
        absent: dict[str, Any] = {
            key: {} for key, inner in pattern.items() if isinstance(inner, dict) and key not in record
        }
        return bool(original({**record, **absent}, pattern))

    setattr(lambda_service, _MATCH, match)
