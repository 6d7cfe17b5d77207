"""The mediation function: opens a claim on the team's desk, with the brief as it stood then (R21 to R24)."""

import msgspec

from buyer_protection.application.changes import ATTEMPTS
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.workers.clock import CaseMissingError, next_alarm
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.errors import ContentionError
from buyer_protection.domain.timeline import MEDIATION
from buyer_protection.domain.windows import CLAIM_OPENED, Alarm, alarm_status


def open_mediation(cases: CaseStore, orders: OrderStore, clock: Clock, alarm: Alarm) -> Alarm:
    """Keep the brief with the claim and note that mediation is open; twice is once. Returns where to wait next."""
    for _ in range(ATTEMPTS):
        dossier = cases.dossier(alarm.dispute_id)
        if dossier is None:
            raise CaseMissingError(alarm.dispute_id)
        case, now = dossier.case, clock.now()
        if alarm_status(case) != CLAIM_OPENED:
            return next_alarm(case, alarm.generation, now)
        brief = claim_brief(dossier, orders.load(case.order_id), clock)
        data = {"suggestion": brief.suggestion.outcome, "grounds": list(brief.suggestion.grounds)}
        change = case.record(now, MEDIATION, EventType.MEDIATION_OPENED, data, mediation_opened_at=now)
        try:
            cases.commit(change, now=now, brief=msgspec.to_builtins(brief), by_clock=True)
        except ConflictingWriteError:
            continue
        return next_alarm(change.after, alarm.generation, now)
    raise ContentionError("Others keep changing this case.")
