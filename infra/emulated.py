"""What a stage with `emulated` leaves out, by CloudFormation types: the one list, held against the templates."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "The emulator has no logging role of an account.",
    "AWS::CloudWatch::Alarm": "Nobody is woken on one's own machine.",
    "AWS::CodeDeploy::Application": "The emulator's CloudFormation does not know it; versions take over at once.",
    "AWS::CodeDeploy::DeploymentGroup": "The same.",
    "AWS::Cognito::UserPoolDomain": "The emulator's sign-in pages stand at its own address.",
    "AWS::Events::EventBusPolicy": "The emulator asks no policy of a bus.",
    "AWS::GuardDuty::MalwareProtectionPlan": "The emulator scans nothing.",
    "AWS::WAFv2::WebACL": "The emulator has no firewall to associate.",
    "AWS::WAFv2::WebACLAssociation": "The same.",
}
