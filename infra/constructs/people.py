"""Sign-in: the user pool, the group of the Case Management Team, and the shop's client."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.storage import removal
from infra.stages import Stage

CASE_MANAGERS = "case_manager"


class People(Construct):
    """Buyers, sellers and case managers. Accounts are the shop's to create: nobody signs up by himself."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            mfa=cognito.Mfa.OFF if stage.local else cognito.Mfa.REQUIRED,
            mfa_second_factor=None if stage.local else cognito.MfaSecondFactor(sms=False, otp=True),
            feature_plan=cognito.FeaturePlan.ESSENTIALS if stage.local else cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=(
                None if stage.local else cognito.StandardThreatProtectionMode.FULL_FUNCTION
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=stage.protected,
            removal_policy=removal(stage),
        )
        if stage.local:
            acknowledge(
                self.pool, "AwsSolutions-COG2", "On one's own machine a script signs in as the people."
            )
            acknowledge(self.pool, "AwsSolutions-COG8", "The emulator knows no threat protection.")
        cognito.CfnUserPoolGroup(
            self,
            "CaseManagers",
            user_pool_id=self.pool.user_pool_id,
            group_name=CASE_MANAGERS,
            description="The Case Management Team: reads every case, decides claims",
        )
        self.client = self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_password=stage.local, user_srp=not stage.local),
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            id_token_validity=Duration.hours(1),
            access_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(1),
        )
