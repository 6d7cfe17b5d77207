"""The team's templates, in memory."""

from collections.abc import Sequence

from buyer_protection.application.ports.templates import Template


class MemoryTemplates:
    """Port `TemplateStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, Template] = {}

    def templates(self) -> Sequence[Template]:
        return [self.kept[name] for name in sorted(self.kept)]

    def put(self, template: Template) -> bool:
        before = self.kept.get(template.template_id)
        if (before.version if before else 0) != template.version - 1:
            return False
        self.kept[template.template_id] = template
        return True
