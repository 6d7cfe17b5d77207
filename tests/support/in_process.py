"""The functions called in this process by the action's name, with the events of API Gateway: the one way of all worlds.

What runs behind them (moto, an emulator, faults on the wire) is the world's own; so is what it makes of an answer.
`use_cases` begins behind the edge. Nothing of the product is imported before a call: a world sets its environment
first.
"""

import importlib
import secrets
from typing import Any

from infra.routes import EMULATED_SPECS, SPECS
from tests.support.api_events import CONTEXT, event

Json = dict[str, Any]
ROUTES = {row.id: row for row in (*SPECS, *EMULATED_SPECS)}
A_NEW_KEY = ""
# What the workers find in their environment besides what `api_events.ENVIRONMENT` gives every function.
WORKERS = {
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:case",
    "EVENT_BUS_NAME": "disputes",
    "NOTIFICATION_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/notifications",
    "LATE_CHANGES_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/late-changes",
    "WEBHOOK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/webhooks",
    "QUEUES_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/",
    "WORK_QUEUES": "notifications,webhooks",
    "DEAD_LETTER_QUEUES": "notifications-failed",
    "SIGNING_KEY_ARN": "arn:aws:kms:us-east-1:000000000000:key/exports",
    "MAIL_SENDER": "disputes@shop.example.com",
    "MAIL_CONFIGURATION_SET": "disputes",
}


def module_of(function: str) -> str:
    """Where the function's handler is."""
    return f"functions.{function}.handler"


def handler_of(function: str) -> Any:
    """The function's own handler."""
    return importlib.import_module(module_of(function)).handler


def event_for(
    action: str,
    caller: Json,
    body: object = None,
    *,
    key: str | None = A_NEW_KEY,
    headers: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
    **ids: str,
) -> Json:
    """What the action's function gets. `ids` are the path's, and may be more; None for `key` sends none."""
    row = ROUTES[action]
    return event(
        row.method,
        row.path.format_map(ids),
        caller,
        body,
        resource=row.path,
        key=secrets.token_urlsafe(24) if key == A_NEW_KEY else key,
        headers=headers,
        query=query,
    )


def call(action: str, caller: Json, body: object = None, *, context: object = CONTEXT, **more: Any) -> Any:
    """One call of the API; the answer as Lambda gives it to API Gateway. `more`: see `event_for`."""
    return handler_of(action)(event_for(action, caller, body, **more), context)


def create_table(name: str, **more: Any) -> None:
    """The models' own table and indexes, as infra declares them too; `more` as for DynamoDB's CreateTable."""
    from buyer_protection.adapters.dynamodb.row import Row

    schema = Row._get_schema()
    Row.connection().create_table(
        name,
        attribute_definitions=schema["attribute_definitions"],
        key_schema=schema["key_schema"],
        global_secondary_indexes=schema["global_secondary_indexes"],
        billing_mode="PAY_PER_REQUEST",
        **more,
    )
