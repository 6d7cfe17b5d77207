"""botocore clients of this process, one a service, all from the session that PynamoDB uses (a second one costs)."""

from functools import cache
from typing import Any

from botocore.config import Config

from buyer_protection.adapters.dynamodb.row import Row

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

# Links to objects under a customer-managed key, and to regions, take the present signature only.
_S3_CONFIG = _CONFIG.merge(
    Config(signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"}, read_timeout=20)
)

# A mail that is not taken waits in its queue, not in the function, whose time would be up first. It is tried once more:
# a connection that was kept while the function slept is often dead, which says nothing of SES.
_MAIL_CONFIG = _CONFIG.merge(Config(read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}))
# A person waits for the decision that asks it, in a function that has ten seconds: a user pool that does not answer
# makes the call fail while there is time to say so. Tried once more for the same reason as a mail.
_TEAM_CONFIG = _CONFIG.merge(
    Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
)
_OWN = {"cognito-idp": _TEAM_CONFIG, "s3": _S3_CONFIG, "sesv2": _MAIL_CONFIG}


@cache
def client(service: str) -> Any:
    """The client of that service in the table's region; the endpoint is the region's, or AWS_ENDPOINT_URL's."""
    config = _OWN.get(service, _CONFIG)
    return Row.connection().session.create_client(service, region_name=Row.Meta.region, config=config)


def make_ready(*services: str) -> None:
    """Make these clients, and the table's, before threads share them: a client is anybody's, its making is not."""
    for service in services:
        client(service)
    _ = Row.connection().client
