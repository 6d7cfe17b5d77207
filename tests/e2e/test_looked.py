"""Who looked at a case is known on the stack: each read by its pseudonym, and whoever was refused (issue: who)."""

from __future__ import annotations

import pytest

from ops.__main__ import DONE, main
from tests.e2e.case import Case
from tests.e2e.waiting import until
from tests.e2e.world import World


def test_every_read_of_a_case_and_every_refused_try_has_a_caller(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The command sets these for itself; here they are put back.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    case = Case.opened(world)
    paths = {
        "buyer": f"/v1/disputes/{case.dispute_id}/evidence",
        "other_buyer": f"/v1/disputes/{case.dispute_id}/evidence",
        "case_manager": f"/v1/disputes/{case.dispute_id}/claim/notes",
    }
    assert {who: world.client.get(who, path).status for who, path in paths.items()} == {
        "buyer": 200,
        "other_buyer": 404,
        "case_manager": 200,
    }

    tries = {"buyer": "claim/request-evidence", "case_manager": "claim/decision"}
    question = {"party": "SELLER", "types": ["PHOTO"], "question": "Where?", "due_at": "2100-01-01T00:00:00Z"}
    ruling = {"outcome": "SELLER_FAVOUR", "reasons": ["OTHER"], "rationale": "Nothing was shown."}
    refused = {
        who: world.client.post(who, f"/v1/disputes/{case.dispute_id}/{path}", body).status
        for (who, path), body in zip(tries.items(), (question, ruling), strict=True)
    }
    assert refused == {"buyer": 403, "case_manager": 409}

    def looks() -> set[tuple[str, str, str]]:
        capsys.readouterr()
        assert main(["--port", str(world.workspace.port), "case", "looked", case.dispute_id]) == DONE
        found = [line.split("  ") for line in capsys.readouterr().out.splitlines()[:-1]]
        # Each with its caller's pseudonym, the request and the name of the call.
        assert all(len(columns) == 7 and "-" not in columns for columns in found)
        return {(standing, action, outcome) for _, standing, _, action, outcome, _, _ in found}

    expected = {
        ("PERSON", "list_evidence", "ACCEPTED"),
        ("PERSON", "list_evidence", "NOT_FOUND"),
        ("TEAM", "list_notes", "ACCEPTED"),
        ("PERSON", "request_evidence", "FORBIDDEN"),
        ("TEAM", "decide_claim", "WRONG_STATUS"),
    }
    until("the log has all five", lambda: looks() >= expected)
