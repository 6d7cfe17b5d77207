"""Alarms that mean work for a human: somebody's mail, deadline or refund is held up."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.action import counted
from infra.names import READ_BY, Names, QueueName

_MINUTE = Duration.minutes(1)
_FIVE_MINUTES = Duration.minutes(5)

# Mails that will not come, by what the functions count: each is work for somebody.
_MAILS_LOST = {
    "GIVEN_UP": "MailsGivenUp",
    "MESSAGE_REFUSED": "MailsRefused",
    "FAILED": "MailsFailed",
}
_MAIL_EVENTS = {"REJECT": "MailsRejected", "RENDERING_FAILURE": "MailsNotRendered"}
# SES looks into an account at five in a hundred bounces, or one complaint in a thousand mails.
_SES_REVIEWS_AT = {"BounceRate": 0.05, "ComplaintRate": 0.001}


# Outcomes that the functions count (alarm, action, outcome) and that only a person can repair.
_NEEDS_A_PERSON = (
    ("RefundsGivenUp", "refund", "NEEDS_OPERATOR"),
    ("RefundsUnanswered", "refund", "UNANSWERED"),
    ("RefundsHeld", "refund", "HELD"),
    ("RefundsOverLedger", "refund", "HELD_OVER_LEDGER"),
    ("RefundsOfNoCase", "refund", "NOT_OF_CASE"),
    ("RefundedAboveWhatIsLeft", "refund", "ABOVE_WHAT_IS_LEFT"),
    ("RefundAnswersRefused", "refund", "ANSWER_REFUSED"),
    ("DecisionsOverdue", "decision", "OVERDUE"),
    ("CasesDisagree", "audit", "DISAGREES"),
    ("WebhooksGivenUp", "webhook", "GIVEN_UP"),
    ("WebhooksSwitchedOff", "webhook", "SWITCHED_OFF"),
    ("RowsUnreadable", "row", "UNREADABLE"),
)


# The alarms' names of the queues that say less of themselves.
_DEAD_LETTERS = {QueueName.STREAM_FAILURES: "Stream", QueueName.MISSED_SWEEPS: "Sweeps"}


class Alarms(Construct):
    """One alarm a symptom; names say what is wrong. No subscriber is set up here: attach the team's own."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        self._names = names
        for queue in QueueName:
            arn = names.queue_arn(queue, failed=queue in READ_BY)
            failed = sqs.Queue.from_queue_arn(self, f"{queue.construct_id}Failed", arn)
            depth = failed.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum")
            self._alarm(f"DeadLetters{_DEAD_LETTERS.get(queue, queue.construct_id)}", depth, 1)
        age = self._function("dispatch_changes").metric("IteratorAge", period=_MINUTE, statistic="Maximum")
        self._alarm("StreamLate", age, _FIVE_MINUTES.to_milliseconds())
        # A change in the retry queue may have met a transient failure; one that stays there has not.
        late = sqs.Queue.from_queue_arn(self, "LateChanges", names.queue_arn(QueueName.LATE_CHANGES))
        waited = late.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum")
        self._alarm("ChangesWaiting", waited, Duration.minutes(15).to_seconds())
        # Longer than a mail waits that SES does not take (decision 0027): nobody reads the queue.
        asked = sqs.Queue.from_queue_arn(self, "Notifications", names.queue_arn(QueueName.NOTIFICATIONS))
        lain = asked.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum")
        self._alarm("NotificationsWaiting", lain, Duration.minutes(30).to_seconds())
        machine = sfn.StateMachine.from_state_machine_arn(self, "Machine", names.machine_arn)
        self._alarm("ExecutionsFailed", machine.metric_failed(period=_FIVE_MINUTES), 1)
        self._alarm("ServerErrors", self._server_errors(), 5)
        sweeper, auditor = self._function("sweep_deadlines"), self._function("audit_cases")
        self._alarm("SweepFailed", sweeper.metric_errors(period=_FIVE_MINUTES), 1)
        self._mails(names.mails)
        self._alarm("AuditFailed", auditor.metric_errors(period=_FIVE_MINUTES), 1)
        for name, action, outcome in _NEEDS_A_PERSON:
            self._alarm(name, self._counted(action, outcome), 1)
        # One failure may be transient; a second one, after the retry delay, has its cause in the case.
        self._alarm("CasesFailing", self._counted("sweep", "CASE_FAILED", Duration.minutes(15)), 2)
        # One unfinished run is harmless; several in a row are not.
        self._alarm("SweepBehind", self._counted("sweep", "UNFINISHED"), 4)
        # Silence is the worst failure of a clock: no run at all is an alarm too.
        cloudwatch.Alarm(
            self,
            "SweepSilent",
            metric=sweeper.metric_invocations(period=_FIVE_MINUTES),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        cloudwatch.Alarm(
            self,
            "AuditSilent",
            metric=self._counted("audit", "ENDED", Duration.days(1)),
            threshold=1,
            evaluation_periods=2,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    def _function(self, id: str) -> lambda_.IFunction:
        return lambda_.Function.from_function_name(self, id.title().replace("_", ""), self._names.of(id))

    def _server_errors(self) -> cloudwatch.Metric:
        """Answers of the API with a status of 500 or more."""
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name="5XXError",
            dimensions_map={"ApiName": self._names.api},
            period=_FIVE_MINUTES,
            statistic="Sum",
        )

    def _counted(self, action: str, outcome: str, period: Duration = _FIVE_MINUTES) -> cloudwatch.Metric:
        return counted(self._names.stage, action, outcome, period)

    def _mails(self, configuration_set: str) -> None:
        """Mails that wait for more than a quarter of an hour, that were given up or failed, and SES's own limits."""
        self._alarm("MailsWaiting", self._counted("mail", "DEFERRED"), 1, periods=3)
        for outcome, name in _MAILS_LOST.items():
            self._alarm(name, self._counted("mail", outcome), 1)
        for outcome, name in _MAIL_EVENTS.items():
            self._alarm(name, self._counted("mail_event", outcome), 1)
        for name, rate in _SES_REVIEWS_AT.items():
            metric = cloudwatch.Metric(
                namespace="AWS/SES",
                metric_name=f"Reputation.{name}",
                dimensions_map={"ses:configuration-set": configuration_set},
                period=Duration.hours(1),
                statistic="Average",
            )
            self._alarm(f"Mail{name}", metric, rate)

    def _alarm(self, id: str, metric: cloudwatch.IMetric, threshold: float, periods: int = 1) -> None:
        cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
