"""The team's templates (port `TemplateStore`): one item collection."""

from collections.abc import Sequence

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.team_tables import TemplateRow
from buyer_protection.application.ports.templates import Template


class PynamoTemplateStore:
    """A row a template; a change is conditional on the version before it."""

    def templates(self) -> Sequence[Template]:
        """See `TemplateStore.templates`."""
        return [
            Template(row.sk, row.name, row.texts, row.version, row.updated_at)
            for row in TemplateRow.collection(keys.TEMPLATES, is_of_many=True)
        ]

    def put(self, template: Template) -> bool:
        """See `TemplateStore.put`."""
        one = template
        row = TemplateRow(
            keys.TEMPLATES,
            one.template_id,
            name=one.name,
            texts=dict(one.texts),
            version=one.version,
            updated_at=one.updated_at,
        )
        is_first = one.version == 1
        return row.put_if(Row.pk.does_not_exist() if is_first else TemplateRow.version == one.version - 1)
