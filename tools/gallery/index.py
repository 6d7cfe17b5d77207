"""The page to browse the gallery with: a table of mails × languages, and the chosen mail at two widths beside it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

_HEAD: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Mails</title>
<style>
  body { margin: 0; font: 14px/1.4 system-ui, sans-serif; height: 100vh; }
  body { display: grid; grid-template-columns: 34rem 1fr; }
  nav { overflow: auto; padding: 1rem; border-right: 1px solid #ccc; }
  td, th { text-align: start; padding: 2px 6px; vertical-align: top; }
  main { display: flex; gap: 1rem; padding: 1rem; overflow: auto; background: #ddd; }
  iframe { border: 0; background: #fff; height: 100%; flex: none; }
</style></head><body>
<nav><h1>Mails</h1>
<p>A language code opens the mail at both widths; <i>t</i> is its text, <i>p</i> and <i>d</i> are pictures (phone,
desktop). The operating system's setting decides between light and dark.</p>
<table>
"""
_TAIL: Final = """</table></nav>
<main>
<iframe name="phone" width="390" title="phone"></iframe>
<iframe name="wide" width="1000" title="desktop"></iframe>
</main>
<script>
  document.querySelectorAll("a.mail").forEach(link => link.addEventListener("click", () => {
    document.querySelector("iframe[name=wide]").src = link.href;
  }));
</script>
</body></html>
"""


def index_page(subjects: Mapping[tuple[str, str], str]) -> str:
    """The page for mails by language and name; `subjects` are shown as hints."""
    languages = list(dict.fromkeys(language for language, _ in subjects))
    names = list(dict.fromkeys(name for _, name in subjects))
    rows = ["".join(f"<th>{escape(head)}</th>" for head in ("mail", *languages))]
    for name in names:
        cells = "".join(_cell(language, name, subjects[language, name]) for language in languages)
        rows.append(f"<td>{escape(name)}</td>{cells}")
    return _HEAD + "".join(f"<tr>{row}</tr>\n" for row in rows) + _TAIL


def _cell(language: str, name: str, subject: str) -> str:
    stem = f"{language}/{name}"
    return (
        f'<td><a class="mail" target="phone" href="{stem}.html" title="{escape(subject)}">{language}</a> '
        f'<a target="phone" href="{stem}.txt">t</a> <a target="phone" href="{stem}.phone.png">p</a> '
        f'<a target="wide" href="{stem}.desktop.png">d</a></td>'
    )
