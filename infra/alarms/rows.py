"""What a row of the table of alarms is made of: metrics by the stage's names, a condition, and what to do. No CDK here:
the runbook's generator and the tests read the table too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Google's burn rates: a fast one uses up a fiftieth of four weeks' budget in an hour, a slow one a tenth in a day.
FAST, SLOW = 14.4, 3.0
# The steps of several rows.
ROLL_BACK = 'If it began with a deployment, go back to the version before: `docs/deploy.md`, "Roll back".'
# The metrics of a queue.
AGE, DEPTH, IN_FLIGHT = (
    "ApproximateAgeOfOldestMessage",
    "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible",
)
# Answers of people's API that its access log counts (`infra/constructs/refusals.py`).
REFUSALS = (401, 403, 404, 429)


class Urgency(StrEnum):
    """PAGE wakes somebody, TICKET waits for the morning; PART notifies nobody by itself and belongs to a composite."""

    PAGE = "page"
    TICKET = "ticket"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of CloudWatch. In the dimensions' values the stage's names stand in braces (`{prefix}`, `{table}`)."""

    namespace: str
    name: str
    stat: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Watch:
    """What an alarm looks at: in words, as series by their ids, and the expression over them (None: the only one)."""

    words: str
    series: Mapping[str, Series]
    expression: str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm: `symptom` is what people feel, `do` the steps in order, `minutes` the period and `times` how many of
    them in a row. With `below` it is red under the threshold, with `silence_is_bad` also without any data."""

    name: str
    symptom: str
    urgency: Urgency
    watch: Watch
    threshold: float
    do: tuple[str, ...]
    minutes: int = 5
    times: int = 1
    below: bool = False
    silence_is_bad: bool = False

    @property
    def condition(self) -> str:
        """When it is red, in words."""
        sign = "less than" if self.below else "at least"
        often = "" if self.times == 1 else f", {self.times} times in a row"
        unit = f" {self.watch.unit}" if self.watch.unit else ""
        return f"{self.watch.words}: {sign} {self.threshold:g}{unit} in {span(self.minutes)}{often}"


@dataclass(frozen=True, slots=True)
class CompositeRow:
    """An alarm over others: red while of each group at least one is."""

    name: str
    symptom: str
    urgency: Urgency
    groups: tuple[tuple[str, ...], ...]
    do: tuple[str, ...]

    @property
    def condition(self) -> str:
        """When it is red, in words."""
        texts = (" or ".join(f"`{name}`" for name in group) for group in self.groups)
        return " and ".join(f"({text})" if " or " in text else text for text in texts)


Row = AlarmRow | CompositeRow


def span(minutes: int) -> str:
    """A period in words."""
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes % size == 0:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'}"
    raise AssertionError(minutes)


# --- series -----------------------------------------------------------------------------------------------------------


def own(metric: str, stat: str, **dimensions: str) -> Series:
    """What the functions measure (`runtime/observability.py`), by service and stage."""
    return Series("{namespace}", metric, stat, {"service": "{service}", "stage": "{stage}", **dimensions})


def actions(action: str, outcome: str) -> Series:
    """How often an action ended so."""
    return own("Actions", "Sum", action=action, outcome=outcome)


def of_function(id: str, metric: str, stat: str = "Sum") -> Series:
    """A metric of Lambda's about one function."""
    return Series("AWS/Lambda", metric, stat, {"FunctionName": f"{{prefix}}-{id}"})


def of_queue(name: str, metric: str) -> Series:
    """The highest value of a metric of SQS's about one queue."""
    return Series("AWS/SQS", metric, "Maximum", {"QueueName": f"{{prefix}}-{name}"})


def refused(status: int) -> Series:
    """How often people's API answered so, what never reached a function too."""
    return Series("{namespace}", "Refused", "Sum", {"stage": "{stage}", "status": str(status)})


def of_table(metric: str, index: str | None = None) -> Series:
    """How often DynamoDB did so to the table, or to one of its indexes."""
    more = {} if index is None else {"GlobalSecondaryIndexName": index}
    return Series("AWS/DynamoDB", metric, "Sum", {"TableName": "{table}", **more})


def of_mails(rate: str) -> Series:
    """What SES keeps of the stage's configuration set: `BounceRate`, `ComplaintRate`."""
    return Series("AWS/SES", f"Reputation.{rate}", "Average", {"ses:configuration-set": "{mails}"})


def of_api(api: str, metric: str, stat: str) -> Series:
    """A metric of API Gateway's; `api` is `{api}` or `{backend_api}`."""
    return Series("AWS/ApiGateway", metric, stat, {"ApiName": api})


def of_machine(metric: str) -> Series:
    """A metric of Step Functions' about the state machine."""
    return Series("AWS/States", metric, "Sum", {"StateMachineArn": "{machine_arn}"})


# --- watches ----------------------------------------------------------------------------------------------------------


def one(words: str, series: Series, unit: str = "") -> Watch:
    """A metric by itself."""
    return Watch(words, {"m": series}, None, unit)


def outcomes(action: str, outcome: str, words: str) -> Watch:
    """How often the functions counted this."""
    return one(words, actions(action, outcome))


def share(words: str, part: Series, whole: Series, least: int) -> Watch:
    """How many of a hundred; nothing while the part is smaller than `least`, so that one of two wakes nobody."""
    expression = f"IF(part >= {least}, 100 * part / whole, 0)"
    return Watch(words, {"part": part, "whole": whole}, expression, "%")


def objective(
    name: str,
    promise: str,
    budget: float,
    watch: Watch,
    do: tuple[str, ...],
    *,
    at_once: bool = True,
) -> tuple[AlarmRow, AlarmRow]:
    """The two alarms of a service level objective, of which `budget` of a hundred may be missed in four weeks: one for
    a budget that is used up in two days, one for nine days."""
    text = f"{promise}; {budget:g} % may be missed in four weeks"
    return (
        AlarmRow(
            f"{name}BurnsFast",
            f"{text}, and at this rate all of that is used up in two days.",
            Urgency.PAGE if at_once else Urgency.TICKET,
            watch,
            round(FAST * budget, 2),
            do,
            minutes=60,
        ),
        AlarmRow(
            f"{name}BurnsSlowly",
            f"{text}, and at this rate all of that is used up in nine days.",
            Urgency.TICKET,
            watch,
            round(SLOW * budget, 2),
            do,
            minutes=1440,
        ),
    )


def missed(promise: str, words: str, least: int = 3) -> Watch:
    """How many of a hundred promises were missed (`application/workers/promises.py`)."""
    kept = {
        "share": own("Missed", "Average", action=promise),
        "late": own("Missed", "Sum", action=promise),
    }
    return Watch(words, kept, f"IF(late >= {least}, 100 * share, 0)", "%")
