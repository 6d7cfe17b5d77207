"""The CDK application. Imports aws_cdk and paths of the repository, never the functions' own code."""
