"""The state machine's executions (port `Executions`)."""

import json

from botocore.exceptions import ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.domain.windows import Alarm

# The execution no longer waits with this token: it woke by itself, ended, or was started anew.
_TOKEN_IS_GONE = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class StepFunctionsExecutions:
    """One Standard execution per case and generation, named after both: starting it twice starts it once."""

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def start(self, alarm: Alarm) -> bool:
        """See `Executions.start`."""
        try:
            client("stepfunctions").start_execution(
                stateMachineArn=self._state_machine_arn,
                name=_name(alarm.dispute_id, alarm.generation),
                input=_text(alarm),
            )
        except ClientError as error:
            if _code(error) != "ExecutionAlreadyExists":
                raise
            return False
        return True

    def wake(self, task_token: str, alarm: Alarm) -> None:
        """See `Executions.wake`."""
        try:
            client("stepfunctions").send_task_success(taskToken=task_token, output=_text(alarm))
        except ClientError as error:
            if _code(error) not in _TOKEN_IS_GONE:
                raise

    def is_running(self, dispute_id: str, generation: int) -> bool:
        """See `Executions.is_running`."""
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:", 1)
        try:
            answer = client("stepfunctions").describe_execution(
                executionArn=f"{machine}:{_name(dispute_id, generation)}"
            )
        except ClientError as error:
            if _code(error) == "ExecutionDoesNotExist":
                return False
            raise
        return bool(answer["status"] == "RUNNING")


def _name(dispute_id: str, generation: int) -> str:
    return f"case-{dispute_id}-g{generation}"


def _text(alarm: Alarm) -> str:
    return json.dumps(alarm.to_event())


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
