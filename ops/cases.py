"""Cases as an operator looks at them: which are late, what happened to one, its rows. No texts, no addresses."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.operations_store import PynamoOperationsStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import TimerRow
from buyer_protection.application.ports.case_lists import Listed, UnreadableCase
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.operations import UNREADABLE_ROW, CaseRows, RowFact
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OPEN, Status
from buyer_protection.domain.timeline import instant
from ops import looked
from ops.statement import instant_of
from ops.target import TargetError

_PAGE = 100
# A deadline is met within two minutes; what is later than that is overdue.
_LATE = timedelta(seconds=120)


def list_cases(arguments: argparse.Namespace) -> int:
    """List open cases, newest first: all, or those in a status, late, or without an execution. Reads every case."""
    now = datetime.now(UTC)
    found = 0
    for page in pages(instant_of(arguments.since) if arguments.since else None):
        timers = _timers(page) if arguments.unwatched else {}
        for listed in page:
            if isinstance(listed, UnreadableCase):
                print(f"{listed.dispute_id}: this version cannot read it")
                found += 1
            elif _is_asked_for(listed, arguments, timers, now):
                print(_line(listed))
                found += 1
    print(f"{found} cases")
    is_about_faults = arguments.overdue or arguments.unwatched
    return 1 if found and is_about_faults else 0


def show_case(arguments: argparse.Namespace) -> int:
    """Say where a case stands: its dates, its timer, its refund, its mails that wait."""
    kept = _rows_of(arguments.dispute_id)
    records, case = kept.records, kept.records.case
    if case is None:
        print(
            f"{arguments.dispute_id}: rows are missing or cannot be read; `case rows` shows which there are"
        )
    else:
        print(_line(case))
        print(f"order {case.order_id}  version {case.version}  epoch {case.epoch}")
    timer = records.timer
    if timer is not None:
        waits = "an execution waits" if timer.task_token else "no execution waits"
        print(
            f"timer: {timer.status}  epoch {timer.epoch}  generation {timer.generation}  wakes {_at(timer.wake_at)}"
            f"  due {_at(records.timer_due_at)}  {waits}"
        )
    ledger = records.ledger
    if ledger is not None:
        held = f"  held {', '.join(ledger.held)}" if ledger.held else ""
        print(
            f"ledger of the order: given back {ledger.refunded_minor} by disputes, {ledger.elsewhere_minor} elsewhere"
            f"  paid at the opening {case.order_paid.amount_minor if case else 'unknown'}{held}"
        )
    refund = records.refund
    if refund is not None:
        print(
            f"refund: {refund.refund_id}  {refund.status}  {refund.amount.amount_minor} {refund.amount.currency}"
            f"  attempt {refund.attempt}  requested {_at(refund.requested_at)}  due {_at(records.refund_due_at)}"
        )
    for mail in kept.mails:
        if mail.settled_at is None:
            print(
                f"mail: {mail.seq} {mail.recipient} {mail.mail}  {mail.status}  tried {mail.attempts} times"
                f"  due {_at(mail.due_at)}"
            )
    return _name_unreadable(kept.rows)


def show_events(arguments: argparse.Namespace) -> int:
    """List what happened to a case: entry, instant, who, which call."""
    kept = _rows_of(arguments.dispute_id)
    for entry in kept.records.timeline:
        call = f"  {entry.correlation_id}" if entry.correlation_id else ""
        print(f"{entry.seq}  {instant(entry.at)}  {entry.actor.role}  {entry.type}{call}")
    return _name_unreadable(kept.rows)


def show_rows(arguments: argparse.Namespace) -> int:
    """List a case's rows: key, kind, instants. Nothing that anybody wrote. Exit code 1 if one cannot be read."""
    rows = _rows_of(arguments.dispute_id).rows
    for row in rows:
        instants = "  ".join(f"{name}={instant(at)}" for name, at in row.instants.items())
        print(f"{row.key}  {row.kind}  {row.why or instants}".rstrip())
    return _unreadable(rows)


def _unreadable(rows: Sequence[RowFact]) -> int:
    return int(any(row.kind == UNREADABLE_ROW for row in rows))


def _name_unreadable(rows: Sequence[RowFact]) -> int:
    """Say which rows are missing from what was printed. 1 if there are any."""
    for row in rows:
        if row.kind == UNREADABLE_ROW:
            print(f"unreadable: {row.key}  {row.why}")
    return _unreadable(rows)


def _rows_of(dispute_id: str) -> CaseRows:
    kept = PynamoOperationsStore().case_rows(dispute_id)
    if kept is None:
        raise TargetError(f"there is no case {dispute_id}")
    return kept


def pages(since: datetime | None = None, until: datetime | None = None) -> Iterator[Sequence[Listed]]:
    """Every case, newest first, by pages; with the two those opened in `[since, until)`."""
    cases, start = PynamoCaseStore(), None
    while True:
        page = cases.page_of_all(limit=_PAGE, start=start, since=since, until=until)
        yield page.items
        start = page.next_key
        if start is None:
            return


def _timers(page: Sequence[Listed]) -> dict[str, TimerRow]:
    asked = [keys.timer(one.dispute_id) for one in page if isinstance(one, Dispute) and one.status in OPEN]
    found: dict[str, TimerRow] = {}
    for (pk, _), item in Row.fetch_items(asked).items():
        # The case of one that cannot be read is listed as one that nobody waits for: the sweeper cannot read it either.
        with suppress(UnreadableRowError):
            row = Row.from_raw_data(item)
            if isinstance(row, TimerRow):
                found[keys.id_of(pk)] = row
    return found


def _is_asked_for(
    case: Dispute, arguments: argparse.Namespace, timers: dict[str, TimerRow], now: datetime
) -> bool:
    if case.status not in OPEN or (arguments.status and case.status not in arguments.status):
        return False
    if arguments.unwatched and (timer := timers.get(case.dispute_id)) is not None and timer.task_token:
        return False
    return not arguments.overdue or is_overdue(case, now)


def is_overdue(case: Dispute, now: datetime) -> bool:
    """Whether a date of the case passed longer ago than is promised: the clock's, or that of the team's decision."""
    due, decision = windows.due_at(case), case.decision_due_at
    is_undecided = case.status is Status.UNDER_REVIEW and decision is not None and decision <= now
    return is_undecided or (due is not None and due + _LATE <= now)


def _line(case: Dispute) -> str:
    who = f"  assigned to {case.assigned_to}" if case.assigned_to else ""
    return (
        f"{case.dispute_id}  {case.status}  opened {instant(case.opened_at)}  changed {_at(case.updated_at)}"
        f"  next {_at(windows.due_at(case) or case.decision_due_at)}{who}"
    )


def _open_status(text: str) -> Status:
    if text not in OPEN:
        raise argparse.ArgumentTypeError(f"one of {', '.join(sorted(OPEN))}")
    return Status(text)


def _at(moment: datetime | None) -> str:
    return "never" if moment is None else instant(moment)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`cases list` and `case show|events|rows|looked`."""
    cases = commands.add_parser("cases", help="which open cases there are, and which are late")
    listing = cases.add_subparsers(required=True, metavar="list").add_parser("list", help=list_cases.__doc__)
    listing.add_argument(
        "--status", action="append", type=_open_status, metavar="STATUS", help="may be repeated"
    )
    listing.add_argument("--overdue", action="store_true", help="a date has passed and nothing happened")
    listing.add_argument("--unwatched", action="store_true", help="no execution waits for it")
    listing.add_argument("--since", help="opened from this instant on (RFC 3339)")
    listing.set_defaults(command=list_cases)
    case = commands.add_parser("case", help="one case: where it stands, what happened, its rows")
    kinds = case.add_subparsers(required=True, metavar="show|events|rows|looked")
    for name, command in (("show", show_case), ("events", show_events), ("rows", show_rows)):
        parser = kinds.add_parser(name, help=command.__doc__)
        parser.add_argument("dispute_id")
        parser.set_defaults(command=command)
    looked.add_command(kinds)
