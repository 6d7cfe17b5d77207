"""The saved queries of a stage."""

from __future__ import annotations

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.names import Names
from infra.routes import specs_of
from infra.saved_queries import QUERIES, parts_of


class SavedQueries(Construct):
    """Each query, in as many parts as Insights needs for all of its log groups."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        for query in QUERIES:
            for number, part in enumerate(parts_of(query, specs_of(names.stage)), 1):
                logs.CfnQueryDefinition(
                    self,
                    f"{query.name.title().replace(' ', '')}{number}",
                    name=f"{names.stage.prefix}/{query.name}" + (f" ({number})" if number > 1 else ""),
                    query_string=query.text,
                    log_group_names=[f"/aws/lambda/{names.of(row.id)}" for row in part],
                )
