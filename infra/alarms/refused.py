"""Alarms of misuse: who is refused at the backend's API, what the firewalls block, more rulings than a team makes."""

from __future__ import annotations

from infra.alarms.rows import AlarmRow, Row, Series, Urgency, Watch, one, outcomes

_BACKENDS_REFUSALS = (401, 403, 404)
_LOOKED = "`python -m ops case looked dp-…` says who looked at a case, and who tried and was refused."


def _blocked(acl: str) -> Series:
    dimensions = {"WebACL": f"{{prefix}}-{acl}", "Region": "{region}", "Rule": "ALL"}
    return Series("AWS/WAFV2", "BlockedRequests", "Sum", dimensions)


REFUSED: tuple[Row, ...] = (
    AlarmRow(
        "BackendRefusedBurst",
        "Very many signed calls are refused: the shop's backend is configured wrongly, or somebody else has its role.",
        Urgency.TICKET,
        Watch(
            "answers 401, 403 and 404 of the backend's API",
            {
                f"m{status}": Series(
                    "{namespace}", "BackendRefused", "Sum", {"stage": "{stage}", "status": str(status)}
                )
                for status in _BACKENDS_REFUSALS
            },
            " + ".join(f"FILL(m{status}, 0)" for status in _BACKENDS_REFUSALS),
        ),
        200,
        (
            "The access log of the backend's API names the role and session of each call (`caller`).",
            "Ask the shop whether it is theirs. If not, take the policy from its role: `SECURITY.md`.",
        ),
        times=2,
    ),
    AlarmRow(
        "RequestsBlocked",
        "The firewall blocks very many requests to people's API: an attack, or a client that repeats too fast.",
        Urgency.TICKET,
        one("requests to people's API that the firewall blocked", _blocked("api")),
        1_000,
        (
            "The log group `aws-waf-logs-BuyerProtection-<stage>-api` says which rule, which addresses, which paths.",
            'What got through: the saved query "refusals by caller" shows whose calls are refused, and how.',
            _LOOKED,
        ),
        times=2,
    ),
    AlarmRow(
        "BackendRequestsBlocked",
        "The firewall blocks many requests to the backend's API: the shop's calls may be among them.",
        Urgency.TICKET,
        one("requests to the backend's API that the firewall blocked", _blocked("backend-api")),
        200,
        (
            "The log group `aws-waf-logs-BuyerProtection-<stage>-backend-api` says which rule, from which addresses.",
            "Is it the shop, above its rate? It repeats with the same keys; the rate is set in `infra/stages.py`.",
        ),
        times=2,
    ),
    AlarmRow(
        "RulingsBurst",
        "More claims are decided than a team can read: a member's account may have been taken over.",
        Urgency.PAGE,
        outcomes("decide_claim", "ACCEPTED", "rulings of the team"),
        300,
        (
            '`python -m ops refunds hold --why "many rulings"` keeps the refunds that were not asked for yet.',
            'The saved query "everything of this case" for one of them shows the caller.',
            _LOOKED,
            "Ask that member. If it was not them: `SECURITY.md` says how the account is closed and what is looked at.",
        ),
        minutes=60,
    ),
)
