"""The alarm about what operators themselves hold and may forget."""

from __future__ import annotations

from infra.alarms.rows import AlarmRow, Urgency, outcomes

CLOCK_HELD = AlarmRow(
    "ClockHeld",
    "An operator holds the clock, and dates have passed: no window ends.",
    Urgency.TICKET,
    outcomes("clock", "HELD", "rounds of the sweeper in which deadlines waited for the switch"),
    1,
    (
        "`python -m ops clock held` says since when, by whom and why.",
        (
            "Is time to be given back? First `python -m ops clock extend --run outage-1 --hours 12 --status "
            'NEGOTIATION --why "the outage"`, and for the other statuses.'
        ),
        'When the reason is gone: `python -m ops clock release --why "time was given"`.',
    ),
)
