"""The report: timelines, state paths, mails as a reader sees them, and what was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.expect import LANGUAGES, Facts
from local.demo.history import moment
from local.demo.observe import Run, SentMail


def money(minor: int, currency: str) -> str:
    """An amount as people write it (two decimals, as all of the demo's currencies have)."""
    return f"{minor // 100}.{minor % 100:02d} {currency}"


def timeline_table(facts: Facts) -> Table:
    """Every entry with its instant as policy days after the opening, its actor and what it says."""
    opened = moment(facts.document["opened_at"])
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("#", "at (UTC)", "day", "who", "what", "data", "hash"):
        table.add_column(name, justify="right" if name in {"#", "day"} else "left", overflow="fold")
    for entry in facts.timeline:
        days = (moment(entry["at"]) - opened).total_seconds() / facts.day_seconds
        who = entry["actor"]["id"] if entry["actor"]["role"] == "SYSTEM" else entry["actor"]["role"]
        table.add_row(
            str(entry["seq"]), entry["at"][11:-1], f"{days:.2f}", who.lower(), entry["type"],
            Text(_data(entry["data"])), entry["hash"][:8],
        )  # fmt: skip
    return table


def _data(data: Mapping[str, Any]) -> str:
    """The entry's own data in a line; instants without their date."""
    parts = []
    for name, value in data.items():
        if value is None or value == [] or value is False or name == "policy":
            continue
        shown = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        parts.append(f"{name}={shown[11:-1] if name.endswith('_at') else shown}")
    return " ".join(parts)


def path_text(run: Run) -> Text:
    """The states that an execution entered, in order."""
    names = Text(" > ").join(
        Text(name, style="cyan" if name.startswith("Await") else "") for name in run.states
    )
    return Text(f"g{run.generation} {run.status}, {len(run.states)} transitions: ").append_text(names)


def mail_panel(sent: SentMail) -> Panel:
    """A mail as its reader sees it: the text part."""
    head = Text.assemble(
        ("From:    ", "dim"), sent.mail.sender, "\n",
        ("To:      ", "dim"), ", ".join(sent.mail.to), "\n",
        ("Subject: ", "dim"), (sent.mail.subject, "bold"), "\n\n",
    )  # fmt: skip
    title = f"{sent.row.kind} to the {sent.row.recipient.lower()}, in {LANGUAGES[sent.row.recipient]}"
    return Panel(
        head.append(sent.mail.text.rstrip()), title=title, title_align="left", box=box.ROUNDED, width=100
    )


def show_case(console: Console, facts: Facts) -> None:
    """One case: how it ended, its timeline, its executions."""
    document = facts.document
    currency = document["requested_refund"]["currency"]
    asked = money(document["requested_refund"]["amount_minor"], currency)
    ended = Text.assemble(
        f"{document['dispute_id']}, order {document['order_id']}: asked for {asked}; ",
        (f"{document['status']}, {facts.outcome}, {money(facts.refund_minor, currency)} refunded", "green"),
    )  # fmt: skip
    console.print(ended)
    outcome = document.get("outcome") or {}
    if outcome.get("rationale"):
        console.print(Text(f"Reasons {', '.join(outcome['reasons'])}: {outcome['rationale']}"))
    console.print(timeline_table(facts))
    for run in facts.runs:
        console.print(path_text(run))
    console.print()


def show_mails(console: Console, mails: Sequence[SentMail]) -> None:
    """All mails of a case in the order in which they were sent."""
    for sent in mails:
        console.print(mail_panel(sent))


def mail_matrix(cases: Mapping[str, Facts]) -> Table:
    """Kinds of mail against cases: what the buyer and the seller got."""
    table = Table(title="Mails: to the buyer / to the seller", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("mail")
    for name in cases:
        table.add_column(name, justify="center")
    kinds = dict.fromkeys(sent.row.kind for facts in cases.values() for sent in facts.mails)
    for kind in kinds:
        cells = []
        for facts in cases.values():
            to = [sent.row.recipient for sent in facts.mails if sent.row.kind == kind]
            cells.append(f"{to.count('BUYER') or '-'} / {to.count('SELLER') or '-'}" if to else "")
        table.add_row(kind, *cells)
    return table


def lateness_line(facts: Sequence[Facts]) -> str:
    """How many deadlines the clock met, and how late at most."""
    late = sorted(deadline.late for one in facts for deadline in one.deadlines)
    if not late:
        return "no deadline fell due"
    median, p99 = late[len(late) // 2], late[min(len(late) - 1, int(len(late) * 0.99))]
    return f"{len(late)} deadlines met; late by {median:.2f} s (median), {p99:.2f} s (p99), {late[-1]:.2f} s (most)"


def mail_lags(facts: Sequence[Facts]) -> list[float]:
    """Seconds from each timeline entry to the mails about it, shortest first."""
    lags = []
    for one in facts:
        happened = {entry["seq"]: moment(entry["at"]).timestamp() for entry in one.timeline}
        lags += [float(sent.mail.at) - happened[sent.row.seq] for sent in one.mails]
    return sorted(lags)


def brief_panel(brief: Mapping[str, Any], queue: Sequence[Mapping[str, Any]]) -> Padding:
    """The team's desk: its queue, and the brief of one claim."""
    dispute, evidence, suggestion = brief["dispute"], brief["evidence"], brief["suggestion"]
    lines = [f"Queue: {len(queue)} open claims"]
    lines += [
        f"  {claim['dispute_id']}  {claim['status']:<14}  due {claim['decision_due_at'] or claim['evidence_due_at']}"
        for claim in queue
    ]
    lines.append(f"Brief of {dispute['dispute_id']}, prepared at {brief['prepared_at']}")
    lines.append(f'  {dispute["reason"]}: "{dispute["description"]}"; escalated by {dispute["escalated_by"]}')
    for side in ("buyer", "seller"):
        for item in evidence[side]:
            files = "".join(f", {file['name']}" for file in item["files"])
            lines.append(f'  {side}, {item["evidence_id"]} {item["type"]}: "{item["text"]}"{files}')
    for parcel in brief["parcels"]:
        lines.append(
            f"  parcel {parcel['shipment_id']}: {parcel['tracking_status'] or 'no event of the carrier'}, "
            f"delivered {parcel['delivered_at'] or 'never'}"
        )
    lines.append(f"  rules that bear on it: {', '.join(brief['rules'])}")
    refund = money(suggestion["refund"]["amount_minor"], suggestion["refund"]["currency"])
    lines.append(
        f"  suggestion: {suggestion['outcome']}, {refund}, because {', '.join(suggestion['grounds'])}"
    )
    panel = Panel(
        Text("\n".join(lines)), title="The mediation desk", title_align="left", box=box.ROUNDED, width=110
    )
    return Padding(panel, (0, 0, 0, 4))
