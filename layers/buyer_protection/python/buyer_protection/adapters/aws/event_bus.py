"""EventBridge (port `EventBus`): what happened, for the shop's own systems; ids only."""

import json
from collections.abc import Sequence

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.events import SOURCE, OutboundEvent

BATCH = 10


class EventsRefusedError(Exception):
    """The bus refused some events; those of other batches may be out already, under ids that receivers know."""


class EventBridgeBus:
    """Events of one source, `detail-type` being the event's type."""

    def __init__(self, bus_name: str) -> None:
        self._bus_name = bus_name

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """See `EventBus.publish`."""
        for first in range(0, len(events), BATCH):
            entries = [self._entry(event) for event in events[first : first + BATCH]]
            answer = client("events").put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
                raise EventsRefusedError(
                    f"{answer['FailedEntryCount']} of {len(entries)}: {', '.join(codes)}"
                )

    def _entry(self, event: OutboundEvent) -> dict[str, object]:
        return {
            "EventBusName": self._bus_name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": event.at,
            "Detail": json.dumps(event.document()),
        }
