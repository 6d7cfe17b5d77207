"""The table of docs/privacy.md, of that in `adapters/dynamodb/personal_data.py`: `python -m tools.personal_data`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buyer_protection.adapters.dynamodb.personal_data import PERSONAL, Datum
from buyer_protection.adapters.dynamodb.row import Row

FILE = Path(__file__).parents[1] / "docs" / "privacy.md"
BEGIN, END = "<!-- made by tools/personal_data.py -->\n", "<!-- end -->\n"


def table() -> str:
    """What, where, why, who sees it, how long, and what erasing does, in Markdown."""
    lines = [
        "| data | rows | why | who sees it | how long | when a person is erased |",
        "|---|---|---|---|---|---|",
    ]
    for datum in Datum:
        cells = (datum.what, ", ".join(_rows_of(datum)), datum.why, datum.seen_by, datum.kept, datum.erased)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rows_of(datum: Datum) -> list[str]:
    kinds: Any = Row.kind
    return [
        kinds.get_discriminator(kind)
        for kind, attributes in PERSONAL.items()
        if any(datum in (held.datum, held.also) for held in attributes.values())
    ]


def main() -> None:
    """Write the table into the page."""
    text = FILE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    FILE.write_text(f"{before}{BEGIN}{table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
