"""A layer of the local stage is built once, never half, and not for ever."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from infra.built_once import KEPT, BuiltOnce


class Builder:
    """Writes one file with the number of the build; `fails` after it has begun to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.builds, self.fails = 0, fails

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        self.builds += 1
        folder = Path(output_dir, "python")
        folder.mkdir()
        (folder / "module.py").write_text(f"BUILD = {self.builds}")
        if self.fails:
            raise RuntimeError("no wheel")
        return True


def content(folder: Path) -> dict[str, str]:
    return {str(it.relative_to(folder)): it.read_text() for it in folder.rglob("*") if it.is_file()}


def test_it_is_built_once_and_each_stack_has_files_of_its_own(tmp_path: Path) -> None:
    builder, outputs = Builder(), [tmp_path / name for name in ("one", "other", "third")]
    for output in outputs[:2]:
        assert BuiltOnce(builder, "key", tmp_path / "kept").try_bundle(str(output))
    (outputs[0] / "python" / "module.py").write_text("changed")
    assert BuiltOnce(builder, "key", tmp_path / "kept").try_bundle(str(outputs[2]))

    assert builder.builds == 1
    assert content(outputs[1]) == content(outputs[2]) == {"python/module.py": "BUILD = 1"}


def test_another_version_is_built_by_itself(tmp_path: Path) -> None:
    builder = Builder()
    for key in ("key", "another"):
        BuiltOnce(builder, key, tmp_path / "kept").try_bundle(str(tmp_path / key))

    assert content(tmp_path / "another") == {"python/module.py": "BUILD = 2"}


def test_a_build_that_fails_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no wheel"):
        BuiltOnce(Builder(fails=True), "key", tmp_path / "kept").try_bundle(str(tmp_path / "one"))
    assert list((tmp_path / "kept").iterdir()) == []
    assert not (tmp_path / "one").exists()

    BuiltOnce(Builder(), "key", tmp_path / "kept").try_bundle(str(tmp_path / "one"))
    assert content(tmp_path / "one") == {"python/module.py": "BUILD = 1"}


def test_the_oldest_go(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for number in range(KEPT + 2):
        BuiltOnce(Builder(), f"key-{number}", kept).try_bundle(str(tmp_path / f"{number}"))
        os.utime(kept / f"key-{number}", (number, number))

    assert {it.name for it in kept.iterdir()} == {f"key-{number}" for number in range(2, KEPT + 2)}
