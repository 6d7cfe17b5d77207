"""What nobody calls: the state machine, the readers of queues and of the table's stream, the sweeper, the audit."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.case_machine import CaseMachine
from infra.constructs.feeds import (
    EveryMinute,
    EveryNight,
    KeepOurName,
    feed_from_queue,
    feed_from_stream,
    shares_of,
)
from infra.constructs.runtime import actions_of
from infra.grants import publishes
from infra.names import Names
from infra.queue_names import READ_BY, QueueName
from infra.routes import Home, Kind
from infra.stages import Stage

_STARTERS = ("dispatch_changes", "sweep_deadlines")
_TASKS = ("close_window", "open_mediation", "notify_parties")


class WorkersStack(Stack):
    """`BuyerProtection-<stage>-Workers`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        self._stage, self._names = stage, Names(self, stage)
        self._actions = actions_of(
            self,
            stage,
            Home.WORKERS,
            reserved={Kind.SCHEDULE: stage.sweeper_concurrency, Kind.NIGHTLY: stage.audit_concurrency},
        )
        machine = CaseMachine(
            self,
            "Case",
            stage=stage,
            name=self._names.machine,
            table_name=self._names.table,
            table_arn=self._names.table_arn,
            functions={name: self._actions[name].function.function_arn for name in _TASKS},
        )
        for starter in _STARTERS:
            # They know the machine by its name alone.
            self._actions[starter].node.add_dependency(machine.machine)
        self._feed()
        if not stage.local:
            publishers = [action.role for id, action in self._actions.items() if publishes(id)]
            bus = events.EventBus.from_event_bus_name(self, "Bus", self._names.bus)
            KeepOurName(self, "KeepOurName", bus=bus, publishers=publishers)
        CfnOutput(self, "StateMachineArn", value=machine.machine.state_machine_arn)

    def _feed(self) -> None:
        functions = {name: action.function for name, action in self._actions.items()}
        table = dynamodb.Table.from_table_attributes(
            self, "Table", table_name=self._names.table, table_stream_arn=self._names.table_stream_arn
        )
        load = self._stage.load
        feed_from_stream(functions["dispatch_changes"], table, self._queue(QueueName.STREAM_FAILURES), load)
        for queue, reader in READ_BY.items():
            feed_from_queue(
                functions[reader], self._queue(queue), load, most=self._actions[reader].row.batch_size
            )
        missed = self._queue(QueueName.MISSED_SWEEPS)
        for number in range(1, load.rules + 1):
            EveryMinute(
                self,
                "Minute" if number == 1 else f"Minute{number}",
                name=self._names.schedule("sweep_deadlines", number),
                function=functions["sweep_deadlines"],
                failures=missed,
                shares=shares_of(load, number),
            )
        EveryNight(
            self,
            "Night",
            name=self._names.schedule("audit_cases"),
            function=functions["audit_cases"],
            failures=missed,
        )

    def _queue(self, queue: QueueName) -> sqs.IQueue:
        return sqs.Queue.from_queue_arn(self, queue.construct_id, self._names.queue_arn(queue))
