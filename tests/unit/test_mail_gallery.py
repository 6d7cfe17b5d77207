"""The texts of all mails in all languages are the approved ones, and the gallery shows every one of them.

After a wanted change: `make mails-approve`, and read the difference as a reader would.
"""

from pathlib import Path

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.ports.mail_view import SPECS
from tests.support.each import check_each
from tools.gallery import __main__ as gallery
from tools.gallery.__main__ import APPROVED, approved_text, render_all
from tools.gallery.index import index_page
from tools.gallery.samples import SETTINGS, Sample, Setting, view
from tools.gallery.scenes import SAMPLES

ALL = [(setting, sample) for setting in SETTINGS for sample in SAMPLES]


def says_what_was_approved(name: str, setting: Setting, sample: Sample) -> None:
    approved = APPROVED / name
    assert approved_text(render(view(sample, setting))) == approved.read_text(encoding="utf-8")


def test_every_mail_says_what_was_approved() -> None:
    named = ((f"{setting.language}/{sample.name}.txt", setting, sample) for setting, sample in ALL)
    check_each(says_what_was_approved, named)


def test_no_approved_text_is_left_over() -> None:
    kept = {path.relative_to(APPROVED).as_posix() for path in APPROVED.rglob("*.txt")}
    assert kept == {f"{setting.language}/{sample.name}.txt" for setting, sample in ALL}


def test_the_gallery_shows_every_kind_to_each_of_its_readers() -> None:
    shown = {(sample.kind, sample.recipient) for sample in SAMPLES}
    assert shown == {(kind, who) for kind, spec in SPECS.items() for who in spec.audience}
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


def test_samples_say_nothing_that_their_kind_does_not_know() -> None:
    for sample in SAMPLES:
        spec = SPECS[sample.kind]
        assert set(sample.details) <= set(spec.required + spec.optional)


def test_the_index_leads_to_every_mail() -> None:
    mails = render_all(["fr-FR", "ar-KW"])
    page = index_page({key: mail.subject for key, mail in mails.items()})
    for language, name in mails:
        for ending in (".html", ".txt", ".phone.png", ".desktop.png"):
            assert f'href="{language}/{name}{ending}"' in page


def test_one_language_can_be_chosen_by_its_name_or_with_its_country() -> None:
    assert {language for language, _ in render_all(["ar"])} == {"ar-KW"}
    assert {language for language, _ in render_all(["AR-kw", "fr"])} == {"ar-KW", "fr-FR"}


@pytest.mark.parametrize("words", [["--language", "xx"], ["--language", "ar", "--approve"]])
def test_what_cannot_be_rendered_is_refused_before_anything_is_deleted(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TARGET", "APPROVED"):
        kept = tmp_path / name
        kept.mkdir()
        (kept / "of-before.txt").touch()
        monkeypatch.setattr(gallery, name, kept)
    with pytest.raises(SystemExit) as ended:
        gallery.main(words)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "there are " in said or "all languages at once" in said
    assert len(list(tmp_path.rglob("of-before.txt"))) == 2
