"""The last failure: the table goes back to an earlier instant, by the rehearsal of docs/restore.md."""

from __future__ import annotations

from pathlib import Path

from ops.__main__ import DIFFERS, DONE, main
from tests.e2e.rehearsal import Rehearsal, adopt, check_ghosts_end_by_themselves, lived, status_of
from tests.e2e.test_refunds import LONG_AGO, WHY, asked
from tests.e2e.waiting import until
from tests.game_day.day import Failure, Incident
from tests.game_day.metrics import Metrics
from tools.runbook import PAGE

_RESTORE = PAGE.with_name("restore.md")


def restored_table(it: Incident, folder: Path) -> None:
    """What was paid stays paid, and is asked for no more; who waits at the table of before waits no longer."""
    of = lived(it.world, folder)
    adopt(of)
    it.world, it.metrics = of.world, Metrics(of.world)
    port = ["--port", str(of.world.workspace.port)]
    it.page.send_to(_RESTORE.read_text(encoding="utf-8"), lambda *words: main([*port, *words]))
    of.command = lambda words: it.page.ops(*words[2:])
    it.broke()
    # A case that agrees while refunds are held: its refund waits.
    of.waiting.act("seller", "accept-request")
    until("its refund waits", lambda: of.waiting.row("REFUND"))
    of.world.set_instant(f"CASE#{of.waiting.dispute_id}", "REFUND", "due_at", LONG_AGO)
    it.moves()
    check_ghosts_end_by_themselves(of.world)
    mend(it, of)


def mend(it: Incident, of: Rehearsal) -> None:
    """Steps 5 to 10 of the page."""
    assert it.page.ops("refunds", "held") == DIFFERS
    found = of.gap()
    assert found.pop(of.waiting.dispute_id, ["OLDER"]) == ["OLDER"]
    assert found == {of.settled.dispute_id: ["OLDER", "PAID"], of.lost.dispute_id: ["LOST"]}
    assert of.operate("restore", "payments", *of.period, *WHY) == DONE
    assert of.settled.look()["outcome"]["code"] == "REFUNDED_ELSEWHERE"
    assert of.agree()
    assert of.operate("restore", "stop", "--before", of.adopted, *WHY) == DONE
    assert status_of(of.world, of.lost.dispute_id)["status"] == "ABORTED"
    assert of.operate("refunds", "release", *WHY) == DONE
    it.whole("the refund that waited is asked for", lambda: asked(of.waiting))
    assert [request["attempt"] for request in asked(of.settled)] == [1]
    assert of.operate("audit", "run", *WHY) == DONE
    it.whole("no case is late", lambda: of.operate("cases", "list", "--overdue") == DONE)


def failure(folder: Path) -> Failure:
    """`folder` is for the statement and the list of the gap."""
    return Failure(
        "The table was restored",
        "RefundsHeld",
        "the emulator has no backups: the rows of then are copied into a new table, which is adopted",
        (),
        lambda it: restored_table(it, folder),
    )
