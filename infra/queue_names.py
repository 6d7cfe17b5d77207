"""The queues of a stage, and who reads them. No CDK here: the operators' commands read it too."""

from __future__ import annotations

from enum import StrEnum


class QueueName(StrEnum):
    """The queues of a stage. Each that feeds a function has another one, `<name>-failed`, for what it gives up."""

    NOTIFICATIONS = "notifications"
    INBOUND = "inbound"
    UPLOADS = "uploads"
    MAIL_EVENTS = "mail-events"
    LATE_CHANGES = "late-changes"
    WEBHOOKS = "webhooks"
    # Where a stream and the schedules put what failed.
    STREAM_FAILURES = "stream-failures"
    MISSED_SWEEPS = "missed-sweeps"

    @property
    def construct_id(self) -> str:
        """`mail-events` as `MailEvents`: construct ids, hence logical ids, in CloudFormation's style."""
        return self.title().replace("-", "")


# Which function works on a queue, by the function's id.
READ_BY = {
    QueueName.NOTIFICATIONS: "notify_parties",
    QueueName.INBOUND: "receive_events",
    QueueName.UPLOADS: "verify_upload",
    QueueName.MAIL_EVENTS: "receive_mail_events",
    QueueName.LATE_CHANGES: "dispatch_changes",
    QueueName.WEBHOOKS: "deliver_webhooks",
}
# Those that only collect: nobody reads them, and nothing can be moved back from there.
COLLECTING = tuple(queue for queue in QueueName if queue not in READ_BY)
# What each function gives up, and what those queues collect: it failed for good, and waits for a person.
DEAD_LETTERS = (*(f"{queue}-failed" for queue in READ_BY), *COLLECTING)
