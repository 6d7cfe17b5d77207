"""`python -m tools.document.reference` writes .local/reference/index.html: docs/openapi.json as a page to read.

One file that needs no network: Redoc and the document are inside, and the page's policy forbids every other source.
"""

from __future__ import annotations

import html
import json
import sys
from pathlib import Path

from tools.document.checks import DOCUMENT, PACKAGES, ROOT

PAGE = ROOT / ".local" / "reference" / "index.html"
REDOC = PACKAGES / "redoc" / "bundles" / "redoc.standalone.js"
# Scripts and styles are inline, the search runs in a worker made of a blob; nothing is fetched.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
# The one picture that Redoc fetches: its mark below the menu.
_MARK, _NOTHING = (
    "https://cdn.redoc.ly/redoc/logo-mini.svg",
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
)
OPTIONS = {
    "hideDownloadButtons": True,
    "nativeScrollbars": True,
    "expandResponses": "200,201",
    "sortEnumValues": False,
}


def render(document: str, redoc: str) -> str:
    """The page. Raises ValueError where one of the two would end its script early."""
    title = json.loads(document)["info"]["title"]
    plain = json.dumps(json.loads(document), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    redoc = redoc.replace(_MARK, _NOTHING)
    if "</script" in redoc.lower():
        raise ValueError("Redoc's bundle would end its own script")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}: API reference</title>
<style>body {{ margin: 0; }}</style>
</head>
<body>
<main id="reference"></main>
<script>{redoc}</script>
<script>Redoc.init({plain}, {json.dumps(OPTIONS)}, document.getElementById("reference"));</script>
</body>
</html>
"""


def write(page: Path = PAGE) -> Path:
    """Write the page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    text = render(DOCUMENT.read_text(encoding="utf-8"), REDOC.read_text(encoding="utf-8"))
    page.write_text(text, encoding="utf-8")
    return page


if __name__ == "__main__":
    written = write()
    sys.stdout.write(f"{written.relative_to(ROOT)}: {written.stat().st_size // 1024} KiB\n")
