"""A table restored to an earlier instant, on the emulator, which has no backups: its rows then, in a new table."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.e2e.waiting import utc_now
from tests.e2e.world import Json, World


@dataclass(frozen=True)
class Snapshot:
    """Every row of the table at that instant, as DynamoDB gives it."""

    at: datetime
    rows: list[Json]


def snapshot(world: World) -> Snapshot:
    pages = world.dynamodb.get_paginator("scan").paginate(
        TableName=world.stack.table_name, ConsistentRead=True
    )
    at = utc_now()
    return Snapshot(at, [item for page in pages for item in page["Items"]])


def restored(world: World, kept: Snapshot) -> dict[str, str]:
    """The settings that adopt a new table with those rows. As AWS makes it: without a stream, which is switched on."""
    of = world.dynamodb.describe_table(TableName=world.stack.table_name)["Table"]
    name = f"restored-{secrets.token_hex(4)}"
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in of["GlobalSecondaryIndexes"]
    ]
    world.dynamodb.create_table(
        TableName=name,
        KeySchema=of["KeySchema"],
        AttributeDefinitions=of["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=indexes,
    )
    for row in kept.rows:
        world.dynamodb.put_item(TableName=name, Item=row)
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    world.dynamodb.update_table(TableName=name, StreamSpecification=stream)
    lives = {"Enabled": True, "AttributeName": "expires_at"}
    world.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=lives)
    made: Any = world.dynamodb.describe_table(TableName=name)["Table"]
    return {"table_name": name, "table_stream_arn": str(made["LatestStreamArn"])}
