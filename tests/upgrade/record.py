"""Write what today's code writes: python -m tests.upgrade.record tests/fixtures/contract-N

To be run once per contract, with the code that speaks it, and never again: the fixtures are what that code left in a
customer's table, and no later code may change them. Each file is one case: `rows` are its raw DynamoDB items (binary
values in base64), `executions` its executions with input, state, alarm and task token, `pending` the stream's records
that nobody has read, `messages` what lies in the notification queue, `now` when that was. All of it is made up.
"""

import base64
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.domain.timeline import instant
from tests.crash.world import World, world_over_moto
from tests.support.quick_moto import mocked_aws
from tests.upgrade.conftest import DUE_SHARDS
from tests.upgrade.situations import SITUATIONS


def main(folder: str) -> None:
    """One file a situation."""
    with mocked_aws(), pytest.MonkeyPatch.context() as patch, world_over_moto(patch, DUE_SHARDS) as world:
        nothing = world.keep()
        for name, steps in SITUATIONS.items():
            world.begin(nothing)
            for number, step in enumerate(steps):
                step.take(world, f"key-of-the-fixture-{number:04d}")
            (Path(folder) / f"{name}.json").write_text(as_json(recorded(world)))


def recorded(world: World) -> dict[str, Any]:
    """Everything that a deployment finds."""
    return {
        "now": instant(world.now),
        "rows": world.rows(),
        "executions": [asdict(execution) for execution in world.machine.executions.values()],
        "pending": world.pending,
        "messages": world.messages,
        "uploads": world.uploads,
    }


def as_json(found: dict[str, Any]) -> str:
    """JSON with a line for each row, execution and record."""

    def member(name: str, value: Any) -> str:
        if not isinstance(value, list) or not value:
            return f"{json.dumps(name)}: {json.dumps(value, sort_keys=True, default=_plain)}"
        lines = ",\n".join(json.dumps(one, sort_keys=True, default=_plain) for one in value)
        return f"{json.dumps(name)}: [\n{lines}\n]"

    return "{\n" + ",\n".join(member(name, found[name]) for name in sorted(found)) + "\n}\n"


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else instant(value)


if __name__ == "__main__":
    main(sys.argv[1])
