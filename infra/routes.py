"""The one table of functions: a row each, and nothing about a function stands anywhere else.

The row's id is the folder in `functions/`; adding an action is adding a row and a folder. A test keeps rows,
folders and the paths in the handlers' decorators equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from infra.grants import Profile

DISPUTE = "/v1/disputes/{dispute_id}"
OFFER = f"{DISPUTE}/offers/{{offer_id}}"
CLAIM = f"{DISPUTE}/claim"
ORDER = "/v1/orders/{order_id}"


class Kind(StrEnum):
    """What calls a function."""

    API = "api"
    TASK = "task"
    STREAM = "stream"
    SCHEDULE = "schedule"
    NIGHTLY = "nightly"
    QUEUE = "queue"


class Auth(StrEnum):
    """Who may call a route: a signed-in person, or the shop's backend with a SigV4 signature."""

    PERSON = "person"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function: `timeout` in seconds, `memory` in MB (CPU grows with it)."""

    id: str
    kind: Kind
    grants: Profile
    method: str = ""
    path: str = ""
    auth: Auth = Auth.PERSON
    timeout: int = 10
    memory: int = 1024


def _api(id: str, call: str, grants: Profile, auth: Auth = Auth.PERSON) -> FunctionSpec:
    method, path = call.split(" ", 1)
    return FunctionSpec(id, Kind.API, grants, method, path, auth)


SPECS: tuple[FunctionSpec, ...] = (
    _api("put_order", f"PUT {ORDER}", Profile.WRITE_CASE, Auth.SYSTEM),
    _api("record_tracking_event", f"POST {ORDER}/tracking-events", Profile.WRITE_CASE, Auth.SYSTEM),
    _api("get_order", f"GET {ORDER}", Profile.READ_CASE),
    _api("get_dispute_eligibility", f"GET {ORDER}/dispute-eligibility", Profile.READ_CASE),
    _api("confirm_receipt", f"POST {ORDER}/confirm-receipt", Profile.WRITE_CASE),
    _api("open_dispute", "POST /v1/disputes", Profile.WRITE_CASE),
    _api("list_disputes", "GET /v1/disputes", Profile.LIST_CASES),
    _api("get_dispute", f"GET {DISPUTE}", Profile.READ_CASE),
    _api("get_timeline", f"GET {DISPUTE}/timeline", Profile.READ_CASE),
    _api("list_offers", f"GET {DISPUTE}/offers", Profile.READ_CASE),
    _api("make_offer", f"POST {DISPUTE}/offers", Profile.WRITE_CASE),
    _api("accept_offer", f"POST {OFFER}/accept", Profile.WRITE_CASE),
    _api("decline_offer", f"POST {OFFER}/decline", Profile.WRITE_CASE),
    _api("withdraw_offer", f"POST {OFFER}/withdraw", Profile.WRITE_CASE),
    _api("accept_request", f"POST {DISPUTE}/accept-request", Profile.WRITE_CASE),
    _api("escalate_dispute", f"POST {DISPUTE}/escalate", Profile.WRITE_CASE),
    _api("change_reason", f"POST {DISPUTE}/change-reason", Profile.WRITE_CASE),
    _api("cancel_dispute", f"POST {DISPUTE}/cancel", Profile.WRITE_CASE),
    _api("add_evidence", f"POST {DISPUTE}/evidence", Profile.TAKE_EVIDENCE),
    _api("list_evidence", f"GET {DISPUTE}/evidence", Profile.READ_CASE),
    _api("get_evidence", f"GET {DISPUTE}/evidence/{{evidence_id}}", Profile.GIVE_EVIDENCE),
    _api("withdraw_evidence", f"DELETE {DISPUTE}/evidence/{{evidence_id}}", Profile.WRITE_CASE),
    _api("get_evidence_guide", f"GET {DISPUTE}/evidence-guide", Profile.READ_CASE),
    _api("send_message", f"POST {DISPUTE}/messages", Profile.WRITE_CASE),
    _api("list_messages", f"GET {DISPUTE}/messages", Profile.WRITE_CASE),
    _api("export_case", f"GET {DISPUTE}/export", Profile.READ_CASE),
    _api("complete_evidence", f"POST {DISPUTE}/evidence-complete", Profile.WRITE_CASE),
    _api("get_mediation_queue", "GET /v1/mediation/queue", Profile.LIST_QUEUE),
    _api("get_claim_brief", f"GET {CLAIM}/brief", Profile.READ_CASE),
    _api("set_evidence_window", f"POST {CLAIM}/evidence-window", Profile.WRITE_CASE),
    _api("decide_claim", f"POST {CLAIM}/decision", Profile.WRITE_CASE),
    _api("assign_claim", f"POST {CLAIM}/assign", Profile.WRITE_CASE),
    _api("request_evidence", f"POST {CLAIM}/request-evidence", Profile.WRITE_CASE),
    _api("confirm_return_address", f"POST {DISPUTE}/return/address", Profile.WRITE_CASE),
    _api("register_return_shipment", f"POST {DISPUTE}/return/shipment", Profile.WRITE_CASE),
    _api("acknowledge_return", f"POST {DISPUTE}/return/acknowledge", Profile.WRITE_CASE),
    _api("get_seller_metrics", "GET /v1/sellers/{seller_id}/dispute-metrics", Profile.READ_CASE),
    _api("get_policy", "GET /v1/policies/{profile}", Profile.NOTHING),
    _api("preview_policy", "POST /v1/policies/{profile}/preview", Profile.NOTHING),
    FunctionSpec("close_window", Kind.TASK, Profile.WRITE_CASE),
    FunctionSpec("open_mediation", Kind.TASK, Profile.WRITE_CASE),
    FunctionSpec("notify_parties", Kind.TASK, Profile.NOTIFY, timeout=30),
    FunctionSpec("receive_events", Kind.QUEUE, Profile.RECEIVE),
    FunctionSpec("receive_mail_events", Kind.QUEUE, Profile.RECEIVE_MAIL_EVENTS),
    FunctionSpec("verify_upload", Kind.QUEUE, Profile.VERIFY_UPLOAD, timeout=60),
    FunctionSpec("dispatch_changes", Kind.STREAM, Profile.DISPATCH, timeout=60),
    FunctionSpec("audit_cases", Kind.NIGHTLY, Profile.AUDIT, timeout=290),
    FunctionSpec("sweep_deadlines", Kind.SCHEDULE, Profile.SWEEP, timeout=55),
)
