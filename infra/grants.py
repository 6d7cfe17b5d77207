"""What each function may do: what it was seen to call (`infra/called.py`), and what Lambda does in its name where a
queue or the stream feeds it. The golden file `tests/synth/golden/iam.json` shows the result per function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.called import Resources, Target, called_by
from infra.queue_names import READ_BY, QueueName
from infra.stages import OWN_SOURCE

__all__ = ["Grant", "Target", "grants_of", "publishes", "targets_of", "writes"]


@dataclass(frozen=True, slots=True)
class Grant:
    """`actions` on each of `targets`, where `conditions` hold; one statement of the role's policy."""

    actions: tuple[str, ...]
    targets: tuple[Target, ...]
    conditions: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict, hash=False)


_TARGETS = frozenset(Target)
_CONSUME = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
_READ_STREAM = Grant(
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    (Target.STREAM,),
)
_PUBLISH = "events:PutEvents"
_STREAM_READER = "dispatch_changes"
# Nobody says in our name what the shop's systems say.
_IN_OUR_NAME = {"StringEquals": {"events:source": OWN_SOURCE}}


def grants_of(function: str) -> tuple[Grant, ...]:
    """The grants of the function of that id; KeyError where nobody has seen yet what it calls."""
    on_rows: dict[Resources, list[str]] = {}
    on_targets: dict[tuple[Target, ...], list[str]] = {}
    for action, resources in called_by(function).items():
        targets = tuple(Target(it) for it in resources if it in _TARGETS)
        kinds = tuple(it for it in resources if it not in _TARGETS)
        if kinds:
            on_rows.setdefault(kinds, []).append(action)
        if targets:
            on_targets.setdefault(targets, []).append(action)
    return (
        *(Grant(tuple(actions), (Target.TABLE,), _of_kinds(kinds)) for kinds, actions in on_rows.items()),
        *(
            Grant(tuple(actions), targets, _IN_OUR_NAME if _PUBLISH in actions else {})
            for targets, actions in on_targets.items()
        ),
        *_for_lambda(function),
    )


def targets_of(function: str) -> frozenset[Target]:
    """What a function's grants are about."""
    return frozenset(target for grant in grants_of(function) for target in grant.targets)


def publishes(function: str) -> bool:
    """Whether the function puts events onto the bus."""
    return _PUBLISH in called_by(function)


def writes(function: str) -> bool:
    """Whether the function writes rows of the table."""
    return not {"dynamodb:PutItem", "dynamodb:UpdateItem"}.isdisjoint(called_by(function))


def _of_kinds(kinds: Resources) -> dict[str, dict[str, list[str]]]:
    """Only rows whose partition keys are of these kinds: the emulator never fills the key in, and lets all through."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(kinds)}}


def _for_lambda(function: str) -> tuple[Grant, ...]:
    """What Lambda itself does with the function's role: it reads what feeds the function."""
    queues = (_target_of(queue) for queue, reader in READ_BY.items() if reader == function)
    grants = tuple(Grant(_CONSUME, (queue,)) for queue in queues)
    if function == _STREAM_READER:
        # What the stream forgets before it was dealt with is named in a queue.
        grants += (_READ_STREAM, Grant(("sqs:SendMessage",), (Target.STREAM_FAILURES,)))
    return grants


def _target_of(queue: QueueName) -> Target:
    return Target(queue.value.replace("-", "_"))
