"""The one table, the evidence bucket, and the key that encrypts both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.called import Target
from infra.stages import Stage

TTL_ATTRIBUTE = "expires_at"


@dataclass(frozen=True, slots=True)
class Index:
    """A sparse KEYS_ONLY index: `hash` and `range` are string attributes."""

    name: str
    hash: str
    range: str


INDEXES = (
    Index(Target.BY_BUYER.value, "buyer_key", "opened_key"),
    Index(Target.BY_SELLER.value, "seller_key", "opened_key"),
    Index(Target.BY_QUEUE.value, "queue_key", "queue_due"),
    Index(Target.BY_DUE.value, "due_key", "due_at"),
)


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def removal(stage: Stage) -> RemovalPolicy:
    """What happens to stored data when its resource leaves the stack."""
    return RemovalPolicy.RETAIN if stage.protected else RemovalPolicy.DESTROY


class DataKey(Construct):
    """A customer-managed key, for DynamoDB and S3 only, on behalf of this account's principals."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, region: str, account: str) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"{stage.prefix}: the table and the evidence",
            enable_key_rotation=True,
            removal_policy=removal(stage),
        )
        # The services' own condition instead of a grant in every role: a role that may read a row may decrypt
        # it.
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ThroughTheServicesOnly",
                principals=[iam.AnyPrincipal()],
                actions=[
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": [f"dynamodb.{region}.amazonaws.com", f"s3.{region}.amazonaws.com"],
                    }
                },
            )
        )


class CaseTable(Construct):
    """The table of cases and orders with its four indexes and its stream."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, name: str, key: kms.IKey | None) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=name,
            partition_key=_string("pk"),
            sort_key=_string("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute=TTL_ATTRIBUTE,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED
            if key
            else dynamodb.TableEncryption.AWS_MANAGED,
            encryption_key=key,
            deletion_protection=stage.protected,
            removal_policy=removal(stage),
        )
        for index in INDEXES:
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=_string(index.hash),
                sort_key=_string(index.range),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )


def _uploads_from_pages(stage: Stage) -> s3.CorsRule:
    return s3.CorsRule(
        allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.POST],
        # Our own pages always, whatever the setting says of others.
        allowed_origins=list(dict.fromkeys((stage.site_url, *stage.allowed_origins))),
        allowed_headers=["content-type"],
        max_age=3_600,
    )


def guarded_bucket(
    scope: Construct, *, stage: Stage, key: kms.IKey | None, logs: s3.IBucket, prefix: str, **more: Any
) -> s3.Bucket:
    """A bucket of people's data: private, TLS only, versioned, logged below `prefix`; `more` is the bucket's own."""
    return s3.Bucket(
        scope,
        "Bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=key is not None or None,
        enforce_ssl=not stage.local,
        minimum_tls_version=None if stage.local else 1.2,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        server_access_logs_bucket=logs,
        server_access_logs_prefix=prefix,
        removal_policy=removal(stage),
        **more,
    )


class EvidenceBucket(Construct):
    """Where evidence files lie: private, TLS only, versioned, logged, gone after `evidence_days`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, key: kms.IKey | None) -> None:
        super().__init__(scope, id)
        self.logs = logs = s3.Bucket(
            self,
            "AccessLogs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not stage.local,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(id="expire", expiration=Duration.days(stage.log_days))],
            removal_policy=removal(stage),
        )
        self.bucket = guarded_bucket(
            self,
            stage=stage,
            key=key,
            logs=logs,
            prefix="evidence/",
            cors=[_uploads_from_pages(stage)],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="expire",
                    expiration=Duration.days(stage.evidence_days),
                    noncurrent_version_expiration=Duration.days(stage.log_days),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            replication_rules=self._copies(stage),
        )
        self._announce_changes()
        if stage.evidence_copy_arn is not None:
            self._acknowledge_copying(stage.evidence_copy_arn)
        if stage.local:
            for bucket in (logs, self.bucket):
                acknowledge(
                    bucket, "AwsSolutions-S10", "The emulator listens on the loopback address without TLS."
                )

    def _copies(self, stage: Stage) -> list[s3.ReplicationRule] | None:
        """Each file to a bucket of another account; what is deleted here stays there, for as long as it locks it."""
        if stage.evidence_copy_arn is None or stage.evidence_copy_key_arn is None:
            return None
        to = s3.Bucket.from_bucket_attributes(
            self, "CopyBucket", bucket_arn=stage.evidence_copy_arn, account=stage.evidence_copy_account
        )
        return [
            s3.ReplicationRule(
                id="copy",
                destination=to,
                # Whoever has the other account owns the copies: this one cannot take them back.
                access_control_transition=True,
                kms_key=kms.Key.from_key_arn(self, "CopyKey", stage.evidence_copy_key_arn),
                sse_kms_encrypted_objects=True,
                delete_marker_replication=False,
            )
        ]

    def _acknowledge_copying(self, to: str) -> None:
        """The role for copies is the CDK's own: it reads this bucket, writes that one, and uses their keys."""
        own = f"<{Stack.of(self).get_logical_id(self._resource())}.Arn>"
        role = self.bucket.node.find_child("ReplicationRole")
        if not isinstance(role, Construct):
            raise TypeError("a role is a Construct")
        rights = (
            f"Resource::{own}/*",
            f"Resource::{to}/*",
            "Action::kms:ReEncrypt*",
            "Action::kms:GenerateDataKey*",
        )
        for right in rights:
            acknowledge(
                role, f"AwsSolutions-IAM5[{right}]", "S3 copies every file of one bucket to one other."
            )

    def _resource(self) -> s3.CfnBucket:
        resource = self.bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError("a bucket is a CfnBucket")
        return resource

    def _announce_changes(self) -> None:
        """Changes of the bucket's objects go to EventBridge."""
        # CDK's own switch would bring a function that sets the same property.
        self._resource().notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
