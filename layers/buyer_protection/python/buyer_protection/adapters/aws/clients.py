"""botocore clients of this process, one a service, all from the session that PynamoDB uses (a second one costs).

How long a client waits depends on who waits for it. What people call has ten seconds, and answers while there is time
to say that a service did not. Background work is repeated by its queue, its stream or the sweeper, and a service that
says nothing must not use up the time of everything else: one attempt of two seconds (docs/decisions/0058). DynamoDB's
own time-outs are in `adapters/dynamodb/row.py`.
"""

from functools import cache
from typing import Any

from botocore.config import Config

from buyer_protection.adapters.dynamodb.row import Row

_FOR_PEOPLE = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
_IN_BACKGROUND = Config(
    connect_timeout=2, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1}
)
# A person waits for the decision that asks the user pool, in a function that has ten seconds: one that does not answer
# makes the call fail while there is time to say so. It is tried once more: a connection that was kept while the
# function slept is often dead. The sweeper asks it last, when nothing else is left to do.
_BRIEFLY = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
# Links to objects under a customer-managed key, and to regions, take the present signature only.
_S3 = Config(signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"})
_S3_FOR_PEOPLE = Config(read_timeout=20)


@cache
def client(service: str, *, briefly: bool = False) -> Any:
    """The client of that service in the table's region; the endpoint is the region's, or AWS_ENDPOINT_URL's.

    `briefly`: for an answer that a person can do without, should the service not give it.
    """
    config = _BRIEFLY if briefly else config_of(service, in_background=Row.Meta.in_background)
    return Row.connection().session.create_client(service, region_name=Row.Meta.region, config=config)


def config_of(service: str, *, in_background: bool) -> Config:
    """How long, and how often, a service is asked."""
    if service == "cognito-idp":
        return _BRIEFLY
    config = _IN_BACKGROUND if in_background else _FOR_PEOPLE
    if service == "s3":
        config = config.merge(_S3) if in_background else config.merge(_S3).merge(_S3_FOR_PEOPLE)
    return config


def make_ready(*services: str) -> None:
    """Make these clients, and the table's, before threads share them: a client is anybody's, its making is not."""
    for service in services:
        client(service)
    _ = Row.connection().client
