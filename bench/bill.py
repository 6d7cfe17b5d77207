"""Q21: what a million contested cases cost, from one case's counts and the table of prices. Pure.

Counted: calls, invocations, units, transitions, messages, events, mails, log lines, bytes stored. Assumed, since only
AWS can say: how long an invocation is billed, how many start cold, what AWS itself logs, how long rows are kept. People
use our own pages, whose calls are of one origin, so that no browser asks before them. Monthly costs that no case
changes (keys, alarms, the firewall's rules) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.figures import Line
from bench.pricing import PRICES
from infra.stages import PROD

MILLION = 1_000_000
GATE, AIM = 700, 500
WORKERS = frozenset(
    {"dispatch_changes", "notify_parties", "close_window", "open_mediation", "receive_events"}
)

# Assumptions. All functions have 1 GB.
API_MS, WORKER_MS, MAIL_MS = 40, 60, 120
COLD_SHARE, INIT_MS = 0.02, 800
# Of a call, where a shop has pages of its own.
PREFLIGHTS = 0.5
REPORT_BYTES, ACCESS_BYTES = 350, 600
# What is traced, and what is logged of each step, where a stage asks for it.
TRACED, STATE_BYTES = (0.05, 1_200) if PROD.tracing else (0.0, 0)
KEPT_MONTHS = 6
REQUESTS_A_MESSAGE = 3
FILES, FILE_GB = 2, 0.002
PEOPLE = 2
# The alternatives: a case of 45 days is looked at every five minutes; a month of servers carries a million cases.
NO_OPERATION = ("Route", "Closed")
DAYS, CHECKS_A_DAY = 45, 288
MONTH_HOURS, SERVERS = 730, 3

GROUPS: Mapping[str, tuple[str, ...]] = {
    "API Gateway, firewall, CloudFront": ("api", "waf", "cdn_request"),
    "Lambda": ("lambda_request", "lambda_gb_second"),
    "DynamoDB, writes": ("write_unit",),
    "DynamoDB, reads": ("read_unit",),
    "DynamoDB, storage": ("stored_gb_month",),
    "Step Functions": ("transition",),
    "SQS and EventBridge": ("sqs_request", "event"),
    "logs and traces": ("log_gb", "trace"),
}


def lines_of(whole: Mapping[str, Any]) -> list[Line]:
    """The bill, its parts, what is shown beside it, and other clocks beside ours."""
    usage = usage_of(whole)
    total = cost(usage)
    mails = f"SES would add {_dollars(cost({'mail': whole['mails']}))}"
    lines = [
        Line("Q21", "a million contested cases, without SES, scans, sign-in", _dollars(total),
             f"prices of {_oldest(usage)} to {_newest(usage)}; {mails}", round(total), "$", GATE, AIM)
    ]  # fmt: skip
    for name, keys in GROUPS.items():
        part = {key: usage[key] for key in keys}
        used = ", ".join(f"{quantity:.3g} {PRICES[key].unit}" for key, quantity in part.items())
        lines.append(_line(f"of it: {name}", f"a case: {used}", cost(part)))
    return [*lines, *_beside(whole), *_clocks(whole)]


def usage_of(whole: Mapping[str, Any]) -> dict[str, float]:
    """What one case uses of each priced thing."""
    invoked: Mapping[str, int] = whole["invocations"]
    calls = sum(number for name, number in invoked.items() if name not in WORKERS)
    workers = sum(invoked.values()) - calls
    requests = whole["requests"]
    messages = requests.get("SendMessage", 0) + requests.get("RefundSucceeded", 0)
    milliseconds = calls * API_MS + workers * WORKER_MS + whole["mails"] * MAIL_MS
    milliseconds += (calls + workers) * COLD_SHARE * INIT_MS
    logged = whole["log_bytes"] + (calls + workers) * REPORT_BYTES + calls * ACCESS_BYTES
    logged += len(whole["states"]) * STATE_BYTES
    return {
        "api": calls,
        "waf": calls,
        "cdn_request": calls,
        "lambda_request": calls + workers,
        "lambda_gb_second": milliseconds / 1_000,
        "write_unit": whole["write_units"],
        "read_unit": whole["read_units"],
        "stored_gb_month": whole["stored_bytes"] / 1e9 * KEPT_MONTHS,
        "transition": len(whole["states"]),
        "sqs_request": messages * REQUESTS_A_MESSAGE,
        "event": whole["events"] + requests.get("RefundSucceeded", 0),
        "log_gb": logged / 1e9,
        "trace": (calls + workers) * TRACED,
    }


def cost(usage: Mapping[str, float], number: int = MILLION) -> float:
    """Dollars for so many cases of that usage."""
    return number * sum(quantity * PRICES[key].dollars for key, quantity in usage.items())


def _beside(whole: Mapping[str, Any]) -> list[Line]:
    order = {
        "api": 1, "waf": 1, "lambda_request": 1, "lambda_gb_second": API_MS / 1_000,
        "write_unit": whole["order_units"], "read_unit": whole["order_reads"],
        "log_gb": (REPORT_BYTES + ACCESS_BYTES) / 1e9, "trace": TRACED,
    }  # fmt: skip
    asked = usage_of(whole)["api"] * PREFLIGHTS
    scans = {"scanned_object": FILES, "scan_gb": FILES * FILE_GB}
    return [
        _line("beside it: SES", f"{whole['mails']} mails a case", cost({"mail": whole["mails"]})),
        _line("beside it: malware scans", f"{FILES} files of 2 MB a case", cost(scans)),
        _line(
            "beside it: preflights of a shop's own pages",
            "one for two calls",
            cost({"api": asked, "waf": asked}),
        ),
        _line("beside it: sign-in", f"{PEOPLE} people active a month each", cost({"sign_in": PEOPLE})),
        _line("beside it: a million orders without a dispute", "one call to store each", cost(order)),
    ]


def _clocks(whole: Mapping[str, Any]) -> list[Line]:
    """The clock alone, ours and others: what knows when a window ends and has the case looked at."""
    closings = whole["invocations"].get("close_window", 0)
    look = {"lambda_request": 1.0, "lambda_gb_second": WORKER_MS / 1_000}
    ours = {"transition": len(whole["states"]), "write_unit": whole["parking_units"]}
    deadlines = {key: quantity * closings for key, quantity in look.items()}
    schedules = {key: quantity * whole["parkings"] for key, quantity in look.items()}
    servers = {"server_hour": SERVERS * MONTH_HOURS, "database_hour": MONTH_HOURS}
    waits = f"{whole['parkings']} deadlines a case, each with an invocation"
    # A durable function makes an operation of its start, of each step and of each wait; it chooses in its own code.
    operations = 1 + sum(state not in NO_OPERATION for state in whole["states"])
    return [
        _line("clock: our state machine", f"{len(whole['states'])} transitions a case", cost(ours | deadlines)),
        _line("clock: a poller a case, 5 minutes", f"{DAYS * CHECKS_A_DAY:,} transitions a case",
              cost({"transition": DAYS * CHECKS_A_DAY} | deadlines)),
        _line("clock: one EventBridge schedule a deadline", waits,
              cost({"schedule": whole["parkings"]} | schedules)),
        _line("clock: a workflow server of one's own, a month", f"{SERVERS} m7g.large and a database; no people",
              cost(servers, 1)),
        _line("clock: Lambda durable functions", f"{operations} operations a case; without data written and kept",
              cost({"durable_operation": operations} | deadlines)),
    ]  # fmt: skip


def _line(what: str, basis: str, dollars: float) -> Line:
    return Line("Q21", what, _dollars(dollars), basis, round(dollars), "$")


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}"


def _oldest(usage: Mapping[str, float]) -> str:
    return min(PRICES[key].as_of for key in usage)


def _newest(usage: Mapping[str, float]) -> str:
    return max(PRICES[key].as_of for key in usage)
