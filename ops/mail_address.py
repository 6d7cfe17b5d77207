"""`python -m ops.mail_address --table <name>`: whether mails go to an address, and `--lift` to send to it again.

The address is read from standard input, so that it stands in no shell history and no process list. Takes the caller's
own AWS credentials and region.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.exceptions import ClientError

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.application.ports.mail_transport import address_id


def state_of(table: Any, ses: Any, address: str) -> dict[str, str]:
    """Who keeps mails from the address, and since when: `ours` and `ses`; empty where nobody does."""
    pk, sk = keys.address(address_id(address))
    row = table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
    found = {} if row is None else {"ours": f"{row['trouble']} since {row['at']}, case {row['dispute_id']}"}
    try:
        suppressed = ses.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]
    except ClientError as error:
        if error.response["Error"].get("Code") != "NotFoundException":
            raise
        return found
    return {**found, "ses": f"{suppressed['Reason']} since {suppressed['LastUpdateTime'].isoformat()}"}


def lift(table: Any, ses: Any, address: str) -> None:
    """Send to the address again: neither we nor SES keep mails from it any more."""
    pk, sk = keys.address(address_id(address))
    if "ses" in state_of(table, ses, address):
        ses.delete_suppressed_destination(EmailAddress=address)
    table.delete_item(Key={"pk": pk, "sk": sk})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is known of the address, and lift it where asked to."""
    parser = argparse.ArgumentParser(prog="python -m ops.mail_address", description=__doc__)
    parser.add_argument("--table", required=True, help="the stage's table")
    parser.add_argument("--region", help="where the stage is deployed; the caller's own by default")
    parser.add_argument(
        "--lift", action="store_true", help="send to it again; only where its owner asked for it"
    )
    chosen = parser.parse_args(arguments)
    session = boto3.session.Session(region_name=chosen.region)
    table, ses = session.resource("dynamodb").Table(chosen.table), session.client("sesv2")
    address = sys.stdin.readline().strip()
    found = state_of(table, ses, address)
    for who, why in found.items():
        print(f"{who}: {why}")
    if not found:
        print("Mails go to this address.")
    if found and chosen.lift:
        lift(table, ses, address)
        print("Lifted: mails go to this address again. What was dropped meanwhile is not sent.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
