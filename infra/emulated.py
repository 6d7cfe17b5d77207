"""What a stage with `emulated` leaves out, by CloudFormation types: the one list, held against the templates."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "The emulator has no logging role of an account.",
    "AWS::CloudWatch::Alarm": "Nobody is woken on one's own machine.",
    "AWS::CloudWatch::CompositeAlarm": "The emulator's CloudFormation does not know it.",
    "AWS::CloudWatch::Dashboard": "The emulator takes no metrics out of log lines: there is nothing to see.",
    "AWS::CodeDeploy::Application": "The emulator's CloudFormation does not know it; versions take over at once.",
    "AWS::CodeDeploy::DeploymentGroup": "The same.",
    "AWS::Cognito::UserPoolDomain": "The emulator's sign-in pages stand at its own address.",
    "AWS::Events::EventBusPolicy": "The emulator asks no policy of a bus.",
    "AWS::GuardDuty::MalwareProtectionPlan": "The emulator scans nothing.",
    "AWS::Logs::MetricFilter": "It feeds alarms, which the stage has none of.",
    "AWS::Logs::QueryDefinition": "The emulator's CloudFormation does not know it.",
    "AWS::SNS::Topic": "It carries alarms, which the stage has none of.",
    "AWS::SNS::TopicPolicy": "The same.",
    "AWS::WAFv2::LoggingConfiguration": "The emulator has no firewall whose blocks could be logged.",
    "AWS::WAFv2::WebACL": "The emulator has no firewall to associate.",
    "AWS::WAFv2::WebACLAssociation": "The same.",
}
