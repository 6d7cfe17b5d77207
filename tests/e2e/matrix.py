"""Who may make which call (Q8), by the table of calls; the people who try, and a case in every status to try it on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from buyer_protection.application.actions.execute import CASE_MANAGERS
from infra.routes import SPECS, FunctionSpec, Kind
from local import aws
from local.people import create_member
from local.sign_in import sign_in
from local.state import Person
from tests.e2e.case import Case
from tests.e2e.waiting import instant, until_clock
from tests.e2e.world import Json, World
from tests.support.calls import ADDRESS, AGREED, CLAIM, PARCEL, RULING, STATEMENT, call_of

# Where a case's own policy keeps the days of its windows, from the negotiation to the return, and what they are
# multiplied by for the cases here: no window of theirs ends while they are tried.
WINDOWS = slice(6, 13)
LONGER = 10_000
# To everybody but the order's buyer the order is not there.
FOR_THE_BUYER_ALONE = {"get_dispute_eligibility", "open_dispute"}
OF_EVERYBODY = {
    "list_disputes",
    "list_orders",
    "get_me",
    "list_keys",
    "get_policy",
    "get_guide_before",
    "preview_policy",
}
# There is no webhook here until somebody keeps one.
ABOUT_A_WEBHOOK = {
    "delete_webhook",
    "test_webhook",
    "rotate_webhook",
    "list_webhook_deliveries",
    "replay_webhook_delivery",
}
# Nothing is kept here of that person.
ABOUT_A_PERSON = {"export_person", "erase_person", "stop_erasing_person"}
OF_OPERATORS = {"get_operations_summary", "get_operated_case"}
OF_THE_TEAM = {
    "list_templates",
    "put_template",
    "get_mediation_queue",
    "get_mediation_summary",
    "get_mediation_team",
    "get_person_history",
    "take_next_claim",
}


class Answered(StrEnum):
    """How a call may be answered."""

    LET_IN = "let in"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    UNKNOWN = "not known who"
    UNSIGNED = "not signed as it must be"
    NO_CALL = "no such call at this API"


# By caller: the role on a case (B, S, M), or S(T)ranger; managers of the team by their group besides. Whoever may put
# people into groups of the public's pool makes no managers (R24).
ROLES = {
    "buyer": "B", "seller": "S", "seller's staff": "S", "case manager": "M", "manager who is the buyer": "B",
    "manager who is the seller": "S", "other buyer": "T", "other seller": "T", "operator": "T",
    "stranger in a public group case_manager": "T",
}  # fmt: skip
TEAM = {"case manager", "manager who is the buyer", "manager who is the seller"}
NOBODY = (
    "anonymous",
    "expired token",
    "token of another pool",
    "garbage token",
    "token with a wrong signature",
)
# They ask the backend's API.
BACKENDS = ("backend", "backend with a wrong signature")
CALLERS = (*ROLES, *NOBODY, *BACKENDS)
API_ROWS = [row for row in SPECS if row.kind is Kind.API]


def expected(row: FunctionSpec, caller: str) -> Answered:
    """How this caller must be answered on this route, whatever the status."""
    if caller in BACKENDS:
        there = Answered.ABSENT if row.id in ABOUT_A_WEBHOOK | ABOUT_A_PERSON else Answered.LET_IN
        rightly = there if caller == "backend" else Answered.UNSIGNED
        return rightly if row.is_for_backend else Answered.NO_CALL
    if not row.is_for_people:
        return Answered.UNSIGNED
    if caller in NOBODY:
        return Answered.UNKNOWN
    role, may = ROLES[caller], call_of(row.id).may
    if row.id in OF_EVERYBODY:
        return Answered.LET_IN
    if row.id in OF_OPERATORS:
        return Answered.LET_IN if caller == "operator" else Answered.FORBIDDEN
    if row.id in OF_THE_TEAM:
        return Answered.LET_IN if caller in TEAM else Answered.FORBIDDEN
    if row.id == "get_seller_metrics":
        return Answered.LET_IN if role == "S" or caller in TEAM else Answered.ABSENT
    if role in may:
        return Answered.LET_IN
    return Answered.ABSENT if role == "T" or row.id in FOR_THE_BUYER_ALONE else Answered.FORBIDDEN


@dataclass
class Cast:
    """The people of the matrix: `world` has a buyer and a seller of its own, `of_managers` two managers as its parties;
    `tokens` are the others by caller."""

    world: World
    of_managers: World
    tokens: dict[str, str]

    @classmethod
    def gathered(cls, world: World) -> Cast:
        """Sign everybody in. A manager who is a party is one of other cases: nobody chooses their id in a pool."""
        cognito, pool = aws.client(world.workspace, "cognito-idp"), world.stack.user_pool_id
        client = world.stack.user_pool_client_id
        own = {name: _person(cognito, pool, name) for name in ("buyer", "seller", "staff")}
        of_matrix = World(world.workspace, replace(world.stack, people={**world.stack.people, **own}))
        group = f"seller:{own['seller'].sub}"
        cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=own["staff"].username, GroupName=group)
        tokens = {name: of_matrix.client.token(name) for name in ("buyer", "seller")}
        tokens["seller's staff"] = _sign_in(cognito, client, own["staff"])
        stranger = _person(cognito, pool, "stranger")
        _join(cognito, pool, stranger)
        tokens["stranger in a public group case_manager"] = _sign_in(cognito, client, stranger)
        tokens |= {
            "case manager": world.client.token("case_manager"),
            "operator": world.client.token("operator"),
            "other buyer": world.client.token("other_buyer"),
            "other seller": world.client.token("other_seller"),
        }
        both = {party: _manager(cognito, world, party) for party in ("buyer", "seller")}
        of_managers = World(world.workspace, replace(world.stack, people={**world.stack.people, **both}))
        for party in both:
            tokens[f"manager who is the {party}"] = of_managers.client.token(party)
        tokens["token of another pool"] = _token_of_another_pool(cognito)
        tokens["expired token"] = _short_token(cognito, pool, own["staff"])
        tokens["garbage token"] = "a.b.c"
        head, claims, _ = tokens["case manager"].split(".")
        signature = tokens["buyer"].split(".")[2]
        tokens["token with a wrong signature"] = f"{head}.{claims}.{signature}"
        return cls(of_matrix, of_managers, tokens)


def _person(cognito: Any, pool: str, name: str) -> Person:
    username, password = f"matrix-{name}-{secrets.token_hex(3)}", f"Aa1!{secrets.token_urlsafe(18)}"
    made = cognito.admin_create_user(UserPoolId=pool, Username=username, MessageAction="SUPPRESS")["User"]
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=password, Permanent=True)
    sub = next(item["Value"] for item in made["Attributes"] if item["Name"] == "sub")
    return Person(username, password, sub)


def _sign_in(cognito: Any, client_id: str, person: Person) -> str:
    return sign_in(cognito, client_id, person)["IdToken"]


def _join(cognito: Any, pool: str, person: Person) -> None:
    """Make a group of the team's name in that pool, and put the person into it."""
    cognito.create_group(UserPoolId=pool, GroupName=CASE_MANAGERS)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=person.username, GroupName=CASE_MANAGERS)


def _manager(cognito: Any, world: World, party: str) -> Person:
    """A case manager who buys or sells as well."""
    pool, client = world.stack.team_pool_id, world.stack.team_pool_client_id
    return create_member(cognito, pool, client, f"team-{party}-{secrets.token_hex(3)}", CASE_MANAGERS)


def _token_of_another_pool(cognito: Any) -> str:
    """A case manager's token, only of a pool that this API does not know."""
    pool = cognito.create_user_pool(PoolName=f"foreign-{secrets.token_hex(3)}")["UserPool"]["Id"]
    client = _client(cognito, pool)
    person = _person(cognito, pool, "foreigner")
    _join(cognito, pool, person)
    return _sign_in(cognito, client, person)


def _short_token(cognito: Any, pool: str, person: Person) -> str:
    """A token that is valid for a second (the emulator allows what AWS makes five minutes)."""
    seconds = {"IdToken": "seconds", "AccessToken": "seconds"}
    client = _client(cognito, pool, IdTokenValidity=1, AccessTokenValidity=1, TokenValidityUnits=seconds)
    return _sign_in(cognito, client, person)


def _client(cognito: Any, pool: str, **validity: Any) -> str:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    name = f"matrix-{secrets.token_hex(3)}"
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName=name, ExplicitAuthFlows=flows, **validity
    )
    return str(made["UserPoolClient"]["ClientId"])


# --- one case in every status


def _opened(world: World) -> Case:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    stretch(case)
    case.act("buyer", "evidence", STATEMENT)
    return case


def stretch(case: Case) -> None:
    """From here on no window of a negotiation ends; when it may be escalated (R16) stays as it is."""
    policy = json.loads(case.row("FACTS")["policy"])
    assert policy[WINDOWS] == [15, 7, 30, 7, 5, 10, 10]
    policy[WINDOWS] = [days * LONGER for days in policy[WINDOWS]]
    key = f"CASE#{case.dispute_id}"
    case.world.set_instant(key, "FACTS", "policy", json.dumps(policy))
    # What a person's step is conditioned on is the instant that was written at the opening.
    case.world.set_instant(key, "STATE", "deadline", case.look()["negotiation_due_at"])


def negotiation(world: World) -> Case:
    return _opened(world)


def claim_evidence(world: World) -> Case:
    case = _opened(world)
    until_clock(instant(case.look()["escalation_available_at"]))
    case.act("buyer", "escalate", CLAIM)
    return case


def under_review(world: World) -> Case:
    case = claim_evidence(world)
    for who in ("buyer", "seller"):
        case.act(who, "evidence-complete")
    return case


def decided(world: World) -> Case:
    case = under_review(world)
    case.act("case_manager", "claim/decision", RULING)
    return case


def awaiting_return(world: World) -> Case:
    case = negotiation(world)
    offer = case.offer("seller", 4_000, "REFUND_WITH_RETURN")
    case.act("buyer", f"offers/{offer}/accept")
    return case


def return_shipped(world: World) -> Case:
    case = awaiting_return(world)
    case.act("seller", "return/address", ADDRESS)
    case.act("buyer", "return/shipment", PARCEL)
    return case


def resolved(world: World) -> Case:
    case = _opened(world)
    case.act("seller", "accept-request")
    return case


def cancelled(world: World) -> Case:
    case = _opened(world)
    case.act("buyer", "cancel", AGREED)
    return case


MAKERS: dict[str, Callable[[World], Case]] = {
    "NEGOTIATION": negotiation, "CLAIM_EVIDENCE": claim_evidence, "UNDER_REVIEW": under_review,
    "AWAITING_RETURN": awaiting_return, "RETURN_SHIPPED": return_shipped, "RESOLVED": resolved,
    "DECIDED": decided, "CANCELLED": cancelled,
}  # fmt: skip


def one_case_in_every_status(world: World) -> dict[str, Case]:
    """By status; made side by side, since three of them wait for R16."""
    with ThreadPoolExecutor(3) as pool:
        made = dict(zip(MAKERS, pool.map(lambda make: make(world), MAKERS.values()), strict=True))
    assert {status: case.look()["status"] for status, case in made.items()} == {s: s for s in MAKERS}
    return made


def cast_and_cases(world: World) -> tuple[Cast, dict[str, Case], dict[str, Case]]:
    """The people who try, and what they try it on: cases of the buyer and the seller, and of the managers who are."""
    cast = Cast.gathered(world)
    return cast, one_case_in_every_status(cast.world), one_case_in_every_status(cast.of_managers)


def done_by_people(case: Case) -> list[Json]:
    """The entries of the timeline that somebody made."""
    return [entry for entry in case.timeline() if entry["actor"]["role"] != "SYSTEM"]
