"""Writes what each function calls anew: `python -m tests.crash.record_called`, then read the difference."""

import json

from infra.called import FILE
from infra.routes import EMULATED_SPECS, SPECS
from tests.crash.walk import seen_on_a_walk

Calls = dict[str, dict[str, list[str]]]


def table() -> Calls:
    """By function, for each action the resources that it was seen to be called on."""
    found: Calls = {row.id: {} for row in (*SPECS, *EMULATED_SPECS)}
    for function, action, resource in sorted(seen_on_a_walk()):
        found[function].setdefault(action, []).append(str(resource))
    return found


def written(calls: Calls) -> str:
    """The table as the file has it: a line for each action."""
    functions = [
        f"  {json.dumps(function)}: {{{_lines(actions)}}}" for function, actions in sorted(calls.items())
    ]
    return "{\n" + ",\n".join(functions) + "\n}\n"


def _lines(actions: dict[str, list[str]]) -> str:
    lines = [f"    {json.dumps(action)}: {json.dumps(resources)}" for action, resources in actions.items()]
    return "\n" + ",\n".join(lines) + "\n  " if lines else ""


if __name__ == "__main__":
    FILE.write_text(written(table()), encoding="utf-8")
