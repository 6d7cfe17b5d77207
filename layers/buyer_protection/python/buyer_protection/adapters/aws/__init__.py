"""Clients of the other AWS services: Step Functions, EventBridge, SQS, SES, S3."""
