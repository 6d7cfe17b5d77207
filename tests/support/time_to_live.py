"""What DynamoDB does by itself, within two days: rows whose time has come leave the table."""

from datetime import datetime

from buyer_protection.adapters.dynamodb.row import TTL_ATTRIBUTE, Row


def let_rows_go(now: datetime) -> set[tuple[str, str]]:
    """Let every row go whose time has come by then; their keys. The table is the one that the process uses."""
    table, named = Row.connection().client, {"TableName": Row.Meta.table_name}
    gone = [
        {"pk": row["pk"], "sk": row["sk"]}
        for page in table.get_paginator("scan").paginate(**named)
        for row in page["Items"]
        if TTL_ATTRIBUTE in row and int(row[TTL_ATTRIBUTE]["N"]) <= now.timestamp()
    ]
    for key in gone:
        table.delete_item(**named, Key=key)
    return {(key["pk"]["S"], key["sk"]["S"]) for key in gone}
