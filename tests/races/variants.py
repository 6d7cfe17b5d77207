"""Every race there is, by name."""

from __future__ import annotations

from tests.races.about_changes import CorrectedOrDecided, DeliveredOrAccepted, LoweredOrAccepted
from tests.races.about_orders import EightOpens, GivenBackOrAccepted, OpenOrReceipt, RefundAnswers
from tests.races.against_the_clock import (
    AcceptOrClock,
    EscalateOrClock,
    LastEvidenceOrClock,
    SweeperOrExecution,
)
from tests.races.among_persons import (
    CancelOrAccept,
    DecideOrCancel,
    EveryWayToARefund,
    TwoAccepts,
    TwoDecisions,
)
from tests.races.variant import Variant

VARIANTS: dict[str, Variant] = {
    variant.name: variant()
    for variant in (
        AcceptOrClock,
        EscalateOrClock,
        LastEvidenceOrClock,
        SweeperOrExecution,
        CancelOrAccept,
        TwoAccepts,
        DecideOrCancel,
        TwoDecisions,
        EveryWayToARefund,
        RefundAnswers,
        EightOpens,
        OpenOrReceipt,
        GivenBackOrAccepted,
        LoweredOrAccepted,
        DeliveredOrAccepted,
        CorrectedOrDecided,
    )
}
