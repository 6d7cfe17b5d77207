"""Where each action of the contract lives: the one table of paths that answers point to."""

from buyer_protection.domain.enums import Action

_PATHS: dict[Action, str] = {
    Action.MAKE_OFFER: "/offers",
    Action.ACCEPT_OFFER: "/offers/{offer_id}/accept",
    Action.DECLINE_OFFER: "/offers/{offer_id}/decline",
    Action.WITHDRAW_OFFER: "/offers/{offer_id}/withdraw",
    Action.ACCEPT_REQUEST: "/accept-request",
    Action.ESCALATE: "/escalate",
    Action.CHANGE_REASON: "/change-reason",
    Action.CANCEL: "/cancel",
    Action.ADD_EVIDENCE: "/evidence",
    Action.SEND_MESSAGE: "/messages",
    Action.EVIDENCE_COMPLETE: "/evidence-complete",
    Action.SET_EVIDENCE_WINDOW: "/claim/evidence-window",
    Action.DECIDE: "/claim/decision",
    Action.ASSIGN: "/claim/assign",
    Action.REQUEST_EVIDENCE: "/claim/request-evidence",
    Action.CONFIRM_RETURN_ADDRESS: "/return/address",
    Action.REGISTER_RETURN_SHIPMENT: "/return/shipment",
    Action.ACKNOWLEDGE_RETURN: "/return/acknowledge",
}


def dispute_link(dispute_id: str) -> str:
    """The dispute itself."""
    return f"/v1/disputes/{dispute_id}"


def action_link(action: Action, dispute_id: str, offer_id: str | None) -> tuple[str, str]:
    """Method and path of an action on a dispute."""
    return "POST", dispute_link(dispute_id) + _PATHS[action].format(offer_id=offer_id)
