"""`python -m tools.gallery`: writes .local/mails/ with every mail as HTML, text and pictures, and a page to browse.

`--approve` writes the texts into tests/approved/mails/ instead, where a test compares them.
Exit code 1 where a mail is wider than a screen it was shown on.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Final

from buyer_protection.adapters.mail.rendering import MailContent, render
from local.workspace import ROOT
from tools.browser import find_browser
from tools.gallery.browser import HOW_TO_INSTALL, Browser
from tools.gallery.index import index_page
from tools.gallery.samples import SETTINGS, view
from tools.gallery.scenes import SAMPLES

TARGET: Final = ROOT / ".local" / "mails"
APPROVED: Final = ROOT / "tests" / "approved" / "mails"
WIDTHS: Final = {"phone": 390, "desktop": 1000}
Mails = dict[tuple[str, str], MailContent]


def main(argv: list[str] | None = None) -> int:
    """Write the gallery, or the approved texts."""
    parser = argparse.ArgumentParser(prog="python -m tools.gallery", description=__doc__)
    parser.add_argument("--approve", action="store_true", help="write tests/approved/mails/ anew")
    parser.add_argument(
        "--language", action="append", help="only this one, such as ar or pt-BR (may be repeated)"
    )
    parser.add_argument("--no-pictures", action="store_true")
    arguments = parser.parse_args(argv)
    if arguments.approve and arguments.language:
        parser.error("the approved texts are written in all languages at once")
    try:
        mails = render_all(arguments.language)
    except LookupError as error:
        parser.error(str(error))
    if arguments.approve:
        return _approve(mails)
    _write(mails)
    print(f"{len(mails)} mails in {TARGET}")
    browser = None if arguments.no_pictures else find_browser()
    if browser is None:
        print("" if arguments.no_pictures else HOW_TO_INSTALL)
        return 0
    too_wide = _shoot(browser, mails)
    print(f"Browse {TARGET / 'index.html'}")
    for finding in too_wide:
        print(f"too wide: {finding}", file=sys.stderr)
    return 1 if too_wide else 0


def render_all(only: list[str] | None = None) -> Mails:
    """Every sample in every language, or in those that are named, by language and name.

    `ar` names every setting of Arabic, `ar-KW` that one. LookupError where a name fits none.
    """
    known = [setting.language for setting in SETTINGS]
    for name in only or []:
        if not any(_names(name, language) for language in known):
            raise LookupError(f"no mails in {name!r}; there are {', '.join(known)}")
    return {
        (setting.language, sample.name): render(view(sample, setting))
        for setting in SETTINGS
        for sample in SAMPLES
        if not only or any(_names(name, setting.language) for name in only)
    }


def _names(name: str, language: str) -> bool:
    return name.casefold() in {language.casefold(), language.partition("-")[0].casefold()}


def approved_text(mail: MailContent) -> str:
    """What the approved files hold: all that a mail says, but its markup."""
    return f"Subject: {mail.subject}\nPreheader: {mail.preheader}\n\n{mail.text}"


def _approve(mails: Mails) -> int:
    shutil.rmtree(APPROVED, ignore_errors=True)
    for (language, name), mail in mails.items():
        file = APPROVED / language / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(approved_text(mail), encoding="utf-8")
    print(f"{len(mails)} texts in {APPROVED}: read the difference before you commit it")
    return 0


def _write(mails: Mails) -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    for (language, name), mail in mails.items():
        folder = TARGET / language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.html").write_text(mail.html, encoding="utf-8")
        (folder / f"{name}.txt").write_text(approved_text(mail), encoding="utf-8")
    (TARGET / "index.html").write_text(
        index_page({key: m.subject for key, m in mails.items()}), encoding="utf-8"
    )


def _shoot(program: str, mails: Mails) -> list[str]:
    """A picture per mail and screen; English in the dark as well, whose colours all languages share."""
    too_wide, count = [], 0
    with Browser(program) as browser:
        for language, name in mails:
            page = TARGET / language / f"{name}.html"
            for screen, width in WIDTHS.items():
                for dark in (False, True) if language == "en" else (False,):
                    picture = _picture(page, screen, dark)
                    over = browser.shoot(page, picture, width=width, dark=dark)
                    count += 1
                    if over:
                        too_wide.append(f"{picture.relative_to(TARGET)} by {over} px")
    print(f"{count} pictures")
    return too_wide


def _picture(page: Path, screen: str, dark: bool) -> Path:
    return page.with_name(f"{page.stem}.{screen}{'.dark' if dark else ''}.png")


if __name__ == "__main__":
    sys.exit(main())
