"""botocore clients of this process, one a service, all from the session that PynamoDB uses (a second one costs)."""

from functools import cache
from typing import Any

from botocore.config import Config

from buyer_protection.adapters.row import Row

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


@cache
def client(service: str) -> Any:
    """The client of that service in the table's region; the endpoint is the region's, or AWS_ENDPOINT_URL's."""
    return Row.connection().session.create_client(service, region_name=Row.Meta.region, config=_CONFIG)
