"""What each function may do: profiles of exact actions on named targets, as data.

A target is a word here and an ARN in `infra/constructs/runtime.py`. No profile reaches further than its use cases do;
the golden file `tests/synth/golden/iam.json` shows the result per function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from infra.stages import OWN_SOURCE


class Target(StrEnum):
    """The things that grants are about."""

    TABLE = "table"
    BY_BUYER = "by_buyer"
    BY_SELLER = "by_seller"
    BY_QUEUE = "by_queue"
    BY_DUE = "by_due"
    STREAM = "stream"
    MACHINE = "machine"
    EXECUTIONS = "executions"
    TASK_TOKENS = "task_tokens"
    NOTIFICATIONS = "notifications"
    INBOUND = "inbound"
    UPLOADS = "uploads"
    MAIL_EVENTS = "mail_events"
    EVIDENCE_FILES = "evidence_files"
    STREAM_FAILURES = "stream_failures"
    LATE_CHANGES = "late_changes"
    WEBHOOKS = "webhooks"
    BUS = "bus"
    TEAM_POOL = "team_pool"
    MAIL_IDENTITY = "mail_identity"
    MAIL_CONFIGURATION = "mail_configuration"
    SIGNING_KEY = "signing_key"
    SIGNING_KEYS = "signing_keys"


class Profile(StrEnum):
    """Names of the sets of grants; a row of `infra.routes` has one."""

    NOTHING = "nothing"
    READ_CASE = "read_case"
    LIST_CASES = "list_cases"
    LIST_QUEUE = "list_queue"
    LIST_TEAM = "list_team"
    LIST_ORDERS = "list_orders"
    READ_HISTORY = "read_history"
    TAKE_CLAIM = "take_claim"
    WRITE_CASE = "write_case"
    OPEN_CASE = "open_case"
    WRITE_CLAIM = "write_claim"
    KEEP_WEBHOOKS = "keep_webhooks"
    ASK_WEBHOOKS = "ask_webhooks"
    DELIVER_WEBHOOKS = "deliver_webhooks"
    NOTIFY = "notify"
    DISPATCH = "dispatch"
    SWEEP = "sweep"
    AUDIT = "audit"
    RECEIVE = "receive"
    RECEIVE_MAIL_EVENTS = "receive_mail_events"
    TAKE_EVIDENCE = "take_evidence"
    GIVE_EVIDENCE = "give_evidence"
    LINK_EVIDENCE = "link_evidence"
    OPERATE = "operate"
    EXPORT_CASE = "export_case"
    READ_KEYS = "read_keys"
    VERIFY_UPLOAD = "verify_upload"


@dataclass(frozen=True, slots=True)
class Grant:
    """`actions` on each of `targets`, where `conditions` hold; one statement of the role's policy."""

    actions: tuple[str, ...]
    targets: tuple[Target, ...]
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)


_READING = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
# Rows leave by their time to live alone, and every condition of a transaction stands on a row that it writes.
_WRITING = ("dynamodb:PutItem", "dynamodb:UpdateItem")
# What webhooks are signed with (`adapters/dynamodb/event_rows.py`): rows of the functions that sign and that make keys.
SIGNING_KEYS = "SIGNING#*"
_BUT_SIGNING = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": SIGNING_KEYS}}
_READ = Grant(_READING, (Target.TABLE,), _BUT_SIGNING)
_WRITE = Grant(_WRITING, (Target.TABLE,), _BUT_SIGNING)
_READ_SIGNING = Grant(_READING, (Target.TABLE,))
_WRITE_SIGNING = Grant(_WRITING, (Target.TABLE,))
_READ_STREAM = Grant(
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
    (Target.STREAM,),
)
_CONSUME = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
)
_START = Grant(("states:StartExecution",), (Target.MACHINE,))
_ENQUEUE = Grant(("sqs:SendMessage",), (Target.NOTIFICATIONS,))
_ASK_WEBHOOKS = Grant(("sqs:SendMessage",), (Target.WEBHOOKS,))
# In our own name alone: what the shop's systems say is not ours to say.
PUBLISH = Grant(("events:PutEvents",), (Target.BUS,), {"StringEquals": {"events:source": OWN_SOURCE}})


_LOOK_UP_MEMBER = Grant(
    ("cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser"), (Target.TEAM_POOL,)
)
_LIST_MEMBERS = Grant(("cognito-idp:ListUsersInGroup",), (Target.TEAM_POOL,))


def _query(*indexes: Target) -> Grant:
    return Grant(("dynamodb:Query",), indexes)


PROFILES: dict[Profile, tuple[Grant, ...]] = {
    Profile.NOTHING: (),
    Profile.READ_CASE: (_READ,),
    Profile.LIST_CASES: (_READ, _query(Target.BY_BUYER, Target.BY_SELLER, Target.BY_QUEUE, Target.BY_DUE)),
    Profile.LIST_QUEUE: (_READ, _query(Target.BY_QUEUE, Target.BY_DUE)),
    Profile.LIST_ORDERS: (_READ, _query(Target.BY_SELLER, Target.BY_QUEUE)),
    # Who looks leaves a row of it.
    Profile.READ_HISTORY: (
        _READ,
        Grant(("dynamodb:PutItem",), (Target.TABLE,), _BUT_SIGNING),
        _query(Target.BY_BUYER, Target.BY_SELLER),
    ),
    Profile.LIST_TEAM: (_READ, _query(Target.BY_DUE), _LIST_MEMBERS),
    Profile.WRITE_CASE: (_READ, _WRITE),
    # What is opened is what the order still says.
    Profile.OPEN_CASE: (_READ, _WRITE, Grant(("dynamodb:ConditionCheckItem",), (Target.TABLE,))),
    # Who decides, or is given a claim, is looked up in the team's pool at that instant (R47).
    Profile.WRITE_CLAIM: (_READ, _WRITE, _LOOK_UP_MEMBER),
    Profile.TAKE_CLAIM: (_READ, _WRITE, _query(Target.BY_DUE), _LOOK_UP_MEMBER),
    Profile.KEEP_WEBHOOKS: (_READ_SIGNING, _WRITE_SIGNING),
    Profile.ASK_WEBHOOKS: (_READ, _WRITE, _ASK_WEBHOOKS),
    Profile.DELIVER_WEBHOOKS: (_READ_SIGNING, _WRITE, Grant(_CONSUME, (Target.WEBHOOKS,))),
    Profile.NOTIFY: (
        _READ,
        _WRITE,
        Grant(_CONSUME, (Target.NOTIFICATIONS,)),
        # What SES does not take yet goes back to wait.
        _ENQUEUE,
        Grant(("ses:SendEmail",), (Target.MAIL_IDENTITY, Target.MAIL_CONFIGURATION)),
    ),
    Profile.DISPATCH: (
        _READ,
        _WRITE,
        _READ_STREAM,
        _START,
        # A task token has no ARN, so that this action knows no narrower resource.
        Grant(("states:SendTaskSuccess",), (Target.TASK_TOKENS,)),
        _ENQUEUE,
        Grant(("sqs:SendMessage",), (Target.STREAM_FAILURES,)),
        # What cannot be dealt with in time waits there, and comes back.
        Grant(("sqs:SendMessage", *_CONSUME), (Target.LATE_CHANGES,)),
        PUBLISH,
        _ASK_WEBHOOKS,
    ),
    Profile.SWEEP: (
        _READ,
        _WRITE,
        _query(Target.BY_DUE),
        # Who has left the team is found among all who have claims (R47).
        Grant(("dynamodb:Scan",), (Target.BY_DUE,)),
        _LOOK_UP_MEMBER,
        _LIST_MEMBERS,
        _START,
        Grant(("states:DescribeExecution",), (Target.EXECUTIONS,)),
        _ENQUEUE,
        PUBLISH,
        _ASK_WEBHOOKS,
    ),
    Profile.AUDIT: (
        _READ,
        # It changes no row of a case; the one row it writes says how far it has come.
        Grant(("dynamodb:PutItem",), (Target.TABLE,), _BUT_SIGNING),
        Grant(("dynamodb:Scan",), (Target.BY_BUYER,)),
    ),
    Profile.RECEIVE: (_READ, _WRITE, Grant(_CONSUME, (Target.INBOUND,))),
    Profile.RECEIVE_MAIL_EVENTS: (
        _READ,
        _WRITE,
        Grant(_CONSUME, (Target.MAIL_EVENTS,)),
    ),
    # Whoever uploads does so with the rights of the function that signed the form.
    Profile.TAKE_EVIDENCE: (_READ, _WRITE, Grant(("s3:PutObject",), (Target.EVIDENCE_FILES,))),
    Profile.GIVE_EVIDENCE: (
        _READ,
        # The form of a file that has not come yet is signed again for its owner (R22).
        Grant(
            ("s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObject"), (Target.EVIDENCE_FILES,)
        ),
    ),
    Profile.LINK_EVIDENCE: (
        _READ,
        Grant(("s3:GetObjectVersion", "s3:GetObjectVersionTagging"), (Target.EVIDENCE_FILES,)),
    ),
    # The one function that signs, with the present key alone.
    Profile.EXPORT_CASE: (_READ, Grant(("kms:Sign",), (Target.SIGNING_KEY,))),
    Profile.READ_KEYS: (Grant(("kms:DescribeKey", "kms:GetPublicKey"), (Target.SIGNING_KEYS,)),),
    Profile.OPERATE: (_READ, Grant(("states:DescribeExecution",), (Target.EXECUTIONS,))),
    Profile.VERIFY_UPLOAD: (
        _READ,
        _WRITE,
        Grant(_CONSUME, (Target.UPLOADS,)),
        Grant(
            (
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:GetObjectVersionTagging",
            ),
            (Target.EVIDENCE_FILES,),
        ),
    ),
}
