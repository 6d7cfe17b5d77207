"""The mediation function: opens a claim for the Case Management Team, with the brief as it stood then (R21 to R24)."""

from dataclasses import replace
from datetime import datetime

import msgspec

from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.cases import CaseStore, Dossier
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.workers.clock import CaseMissingError, next_alarm
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.timeline import MEDIATION
from buyer_protection.domain.windows import CLAIM_OPENED, Alarm, alarm_status


def open_mediation(cases: CaseStore, orders: OrderStore, clock: Clock, alarm: Alarm) -> Alarm:
    """Keep the brief with the claim and note that mediation is open; twice is once. Returns where to wait next."""

    def load() -> Dossier:
        dossier = cases.dossier(alarm.dispute_id)
        if dossier is None:
            raise CaseMissingError(alarm.dispute_id)
        return dossier

    def decide(dossier: Dossier, now: datetime) -> Decision[Alarm]:
        case = dossier.case
        if alarm_status(case) != CLAIM_OPENED:
            return Decision(next_alarm(case, alarm.generation, now))
        brief = claim_brief(dossier, orders.load(case.order_id), clock)
        # What it suggests is the team's own, and lies with the brief (R45).
        opened = replace(case, mediation_opened_at=now)
        change = case.record(now, MEDIATION, EventType.MEDIATION_OPENED, {}, opened, Guard.NONE)
        following = next_alarm(change.after, alarm.generation, now)
        return Decision(following, change, brief=msgspec.to_builtins(brief))

    return change_case(cases, clock, load, decide)
