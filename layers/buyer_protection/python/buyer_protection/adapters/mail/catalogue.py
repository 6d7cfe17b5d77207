"""The languages of the mails.

English is the source: its words stand in the templates. Another language is a file
`locale/<language>/LC_MESSAGES/mails.po`, read when the first mail in it is rendered; no code changes for it.
`locale/README.md` explains the steps to translators.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from buyer_protection.adapters.mail import bidi

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
LOCALE = HERE / "locale"
DOMAIN = "mails"
SOURCE_LANGUAGE = "en"


@cache
def languages(folder: Path) -> frozenset[str]:
    """The languages that mails are written in: English and every folder with a catalogue, such as "pt_BR"."""
    found = {path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}
    return frozenset(found | {SOURCE_LANGUAGE})


def language_for(wanted: str, available: frozenset[str]) -> str:
    """The available language nearest to a BCP 47 tag: that one, its base, a relative of it, or English."""
    parts = wanted[:35].replace("_", "-").split("-")
    base = parts[0].lower()
    by_tag = {name.replace("_", "-").lower(): name for name in available}
    for length in range(len(parts), 0, -1):
        tag = "-".join(parts[:length]).lower()
        if tag in by_tag:
            return by_tag[tag]
    relatives = sorted(name for tag, name in by_tag.items() if tag.split("-")[0] == base)
    return relatives[0] if relatives else SOURCE_LANGUAGE


@cache
def environment(language: str, folder: Path) -> Environment:
    """The templates with the words of that language.

    Layouts named *.html.j2 escape everything; *.txt.j2 files make plain text, which reaches HTML only through
    such a layout. A template that names an unknown variable fails (StrictUndefined).
    """
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(
            enabled_extensions=("html.j2",), disabled_extensions=("txt.j2",), default=True
        ),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.filters["isolated"] = bidi.as_html
    # The extension adds this method to the environment at run time, where type checkers cannot see it.
    env.install_gettext_translations(_translations(language, folder), newstyle=True)  # type: ignore[attr-defined]
    return env


def _translations(language: str, folder: Path) -> NullTranslations:
    source = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not source.is_file():
        return NullTranslations()
    # Babel's readers are imported only when a catalogue is there: English mails do without them.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
