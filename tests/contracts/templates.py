"""What every implementation does with the team's templates: one change over the version before it."""

from msgspec import structs

from buyer_protection.application.ports.templates import Template
from tests.contracts.ports import Ports
from tests.integration.people import OPENED, days


class TemplatesContract:
    def test_r24_a_template_is_changed_over_the_version_before_its_own(self, ports: Ports) -> None:
        first = Template(f"a-{ports.dispute_id()}", "No proof", {"en": "None.", "ru": "Нет."}, 1, OPENED)
        other = structs.replace(first, template_id=f"b-{ports.dispute_id()}")
        assert ports.templates.put(first)
        assert not ports.templates.put(first)
        assert ports.templates.put(other)
        changed = structs.replace(first, name="Nothing", version=2, updated_at=OPENED + days(1))
        assert ports.templates.put(changed)
        assert not ports.templates.put(structs.replace(changed, name="Late"))
        assert not ports.templates.put(structs.replace(changed, template_id="absent"))
        mine = {first.template_id, other.template_id}
        found = [one for one in ports.templates.templates() if one.template_id in mine]
        assert found == [changed, other]
