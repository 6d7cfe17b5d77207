"""Bounces and complaints on the deployed stack: the address is marked, and its owner alone sees it on the case.

The emulator accepts the event destination but publishes no event about mails. SES's documented event is therefore
matched against the deployed rule, and then put into the queue behind it.
"""

from __future__ import annotations

import json
from typing import Any

from infra.stages import LOCAL
from local import aws
from local.client import BACKEND
from ops.mail_check import Level, findings
from tests.e2e.case import Case
from tests.e2e.waiting import until, utc_now
from tests.e2e.world import Json, World
from tests.support import ses_events

CONFIGURATION_SET = f"{LOCAL.prefix}-mail"


def deployed_rule(world: World) -> tuple[Any, str, str]:
    """The rule on the default bus that takes SES's events: the client, its pattern and its target."""
    events = aws.client(world.workspace, "events")
    (rule,) = (it for it in events.list_rules()["Rules"] if "aws.ses" in it.get("EventPattern", ""))
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    return events, rule["EventPattern"], target["Arn"]


def deliver_ses_event(world: World, case: Case, what: Json, party: str = "buyer", times: int = 1) -> None:
    """The event passes the deployed rule and lies in the rule's own queue, so often."""
    event = ses_events.envelope(
        what, case.dispute_id, party.upper(), case.address(party), configuration_set=CONFIGURATION_SET
    )
    events, pattern, queue_arn = deployed_rule(world)
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is True
    sqs = aws.client(world.workspace, "sqs")
    url = sqs.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[1])["QueueUrl"]
    for _ in range(times):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))


def codes(case: Case, reader: str) -> list[str]:
    return [notice["code"] for notice in case.read(reader, case.path)["notices"]]


def mail_rows(case: Case, party: str) -> list[Json]:
    rows = case.world.rows(f"CASE#{case.dispute_id}", "MAIL#")
    return [row for row in rows if row["recipient"] == party.upper()]


def test_a_bounce_is_shown_to_its_reader_alone_and_stops_the_mails_until_the_shop_sends_another_address(
    world: World,
) -> None:
    case = Case.opened(world)
    until("the opening's mail has left", lambda: world.mails_to(case.address("buyer")))
    deliver_ses_event(world, case, ses_events.bounce(), times=3)
    until("the buyer sees it", lambda: codes(case, "buyer") == ["MAIL_UNDELIVERABLE"])
    assert codes(case, "seller") == codes(case, "case_manager") == []

    case.offer("seller", 500)
    (about_the_offer,) = until(
        "the mail about the offer is settled",
        lambda: [
            row
            for row in mail_rows(case, "buyer")
            if row["mail"] == "OFFER_MADE" and row["status"] != "PENDING"
        ],
    )
    assert (about_the_offer["status"], about_the_offer["dropped"]) == ("DROPPED", "MAIL_UNDELIVERABLE")
    assert "notices" in case.act("buyer", "cancel", {"acknowledge_consequences": True})
    assert case.address("buyer") not in json.dumps(case.read("buyer", case.path))


def test_another_address_ends_the_notice_and_gets_the_mails(world: World) -> None:
    case = Case.opened(world)
    deliver_ses_event(world, case, ses_events.complaint(), party="seller")
    until("the seller sees it", lambda: codes(case, "seller") == ["MAIL_STOPPED"])
    body = case.order_body(utc_now())
    body["seller"]["email"] = f"new.{case.address('seller')}"
    assert world.client.put(BACKEND, f"/v1/orders/{case.order_id}", body).status == 200
    assert codes(case, "seller") == []
    case.act("buyer", "cancel", {"acknowledge_consequences": True})
    until("the new address is written to", lambda: world.mails_to(body["seller"]["email"]))


def test_another_stages_mails_are_not_ours(world: World) -> None:
    events, pattern, _ = deployed_rule(world)
    event = ses_events.envelope(ses_events.bounce(), configuration_set="BuyerProtection-prod-mail")
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is False


def test_the_operators_check_reads_the_deployed_identity_and_configuration_set(world: World) -> None:
    found = list(findings(aws.client(world.workspace, "sesv2"), LOCAL))
    text = "\n".join(finding.text for finding in found)
    assert f"{CONFIGURATION_SET} suppresses what bounced or complained" in text
    assert not [one for one in found if one.level is Level.FAILED and CONFIGURATION_SET in one.text]
