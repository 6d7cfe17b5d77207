"""The only importers of pynamodb, boto3 and botocore."""
