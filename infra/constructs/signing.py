"""The keys that exports of cases are signed with (G6)."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.constructs.storage import removal
from infra.stages import Stage


class SigningKey(Construct):
    """An asymmetric key, which KMS does not rotate: `signing_keys` of the stage adds the next one.

    One that exports were signed with stays: without its public half nobody could check them.
    """

    def __init__(self, scope: Construct, id: str, *, stage: Stage, number: int) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"{stage.prefix}: exports of cases are signed with it, key {number}",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=removal(stage) if stage.local else RemovalPolicy.RETAIN,
        )
