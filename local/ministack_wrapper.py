"""Starts MiniStack with the corrections this project needs. Runs in the emulator's own environment.

Each correction says what is missing, and has a canary in tests/integration/test_emulator_wrapper_canary.py that
fails when a new version makes it needless.

1. `TimeoutSecondsPath`: Step Functions lets a Task take its timeout from its input. MiniStack reads only
   `TimeoutSeconds`, so a callback task with a path would wait for a day. The wrapper resolves the path
   and gives the task a copy of its definition with the number in it.
2. Execution environments: AWS gives every concurrent invocation a machine of its own. MiniStack starts a
   process for each, so that a hundred cases waking together would be a hundred cold starts on one machine. The
   wrapper lets a function have WORKERS_PER_FUNCTION processes, and further invocations wait for a free one.
   No function of ours invokes itself, so nobody waits for himself.
3. What a restart loses: MiniStack saves how far each reader of a table's stream has come, but not the stream. After a
   restart that many new records would be skipped, unread. The stream is saved with the tables, and goes on. The mails
   that SES took are kept too, since people read them there.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Sequence
from typing import Any

WORKERS_PER_FUNCTION = 4
WORKER_WAIT_SECONDS = 60.0
WORKER_POLL_SECONDS = 0.005
AS_PUBLISHED = "--as-published"
STREAM_STORES = ("_stream_records", "_stream_trimmed")
MAIL_STORES = ("_sent_emails",)


def with_timeout_seconds(
    state: dict[str, Any], raw_input: Any, context: dict[str, Any], stepfunctions: Any
) -> dict[str, Any]:
    """The state's definition with `TimeoutSecondsPath` resolved into `TimeoutSeconds` (whole seconds).

    The path is read from the state's effective input. A value that is not a positive number fails the
    execution with `States.Runtime`, which no `Catch` sees: both as on AWS.
    """
    path = state.get("TimeoutSecondsPath")
    if path is None:
        return state
    effective_input = stepfunctions._apply_input_path(state, raw_input, context)
    seconds = stepfunctions._resolve_path_or_ctx(path, effective_input, context)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"TimeoutSecondsPath {path} must give a positive number, got {seconds!r}"
        )
    return {**state, "TimeoutSeconds": int(seconds)}


def resolve_timeout_paths(stepfunctions: Any) -> None:
    """Put correction 1 into the given `ministack.services.stepfunctions` module."""
    original = stepfunctions._execute_task

    def execute_task(state: dict[str, Any], raw_input: Any, execution: Any, context: dict[str, Any]) -> Any:
        resolved = with_timeout_seconds(state, raw_input, context, stepfunctions)
        return original(resolved, raw_input, execution, context)

    stepfunctions._execute_task = execute_task


def limit_workers(lambda_service: Any) -> None:
    """Put correction 2 into the given `ministack.services.lambda_svc` module.

    An invocation that finds no free process in WORKER_WAIT_SECONDS is throttled, as AWS would.
    """
    original = lambda_service.acquire_worker

    def acquire_worker(func_name: str, config: Any, code_zip: bytes, **options: Any) -> Any:
        options["max_concurrency"] = WORKERS_PER_FUNCTION
        deadline = time.monotonic() + WORKER_WAIT_SECONDS
        while True:
            worker, reason = original(func_name, config, code_zip, **options)
            if worker is not None or time.monotonic() > deadline:
                return worker, reason
            time.sleep(WORKER_POLL_SECONDS)

    lambda_service.acquire_worker = acquire_worker


def keep_over_restarts(service: Any, stores: Sequence[str]) -> None:
    """Put correction 3 into a service's module: its named stores are saved and restored with the rest of its state."""
    save, restore = service.get_state, service.load_persisted_state

    def get_state() -> dict[str, Any]:
        return {**save(), **{name: copy.deepcopy(getattr(service, name)) for name in stores}}

    def load_persisted_state(state: dict[str, Any]) -> None:
        restore(state)
        for name in stores:
            if name in state:
                getattr(service, name).update(state[name])

    service.get_state, service.load_persisted_state = get_state, load_persisted_state


def main(arguments: list[str]) -> None:
    """Run the emulator in the foreground until SIGTERM; `--as-published` leaves the corrections out."""
    from ministack.app import main as run_emulator
    from ministack.services import dynamodb, lambda_svc, ses, stepfunctions

    if AS_PUBLISHED not in arguments:
        resolve_timeout_paths(stepfunctions)
        limit_workers(lambda_svc)
        keep_over_restarts(dynamodb, STREAM_STORES)
        keep_over_restarts(ses, MAIL_STORES)
    # The emulator reads the command line too.
    sys.argv = sys.argv[:1]
    run_emulator()


if __name__ == "__main__":
    main(sys.argv[1:])
