"""Finding and installing a Chromium for pictures and browser tests: tools/browser.py."""

import os
from pathlib import Path

import pytest

from tools import browser


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browser, "_UNPACKED", tmp_path / "chromium")
    monkeypatch.delitem(os.environ, "CHROMIUM", raising=False)
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path / "bin"))


def _program(path: Path, exit_code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def test_a_browser_can_be_named_and_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser.find_browser() is None
    monkeypatch.setitem(os.environ, "CHROMIUM", "/opt/some-browser")
    assert browser.find_browser() == "/opt/some-browser"


def test_one_on_the_path_comes_before_our_own(tmp_path: Path) -> None:
    ours = _program(tmp_path / "chromium")
    assert browser.find_browser() == str(ours)
    on_the_path = _program(tmp_path / "bin" / "chromium")
    assert browser.find_browser() == str(on_the_path)
    shell = _program(tmp_path / "bin" / browser.SHELL)
    assert browser.find_browser() == str(shell)


def test_the_command_adds_the_headless_shell_where_it_can(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []
    shell = tmp_path / "bin" / browser.SHELL
    there = _program(tmp_path / "bin" / "chromium")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    _program(tmp_path / "bin" / "apt-get")
    monkeypatch.setattr(browser, "_apt", lambda *words: asked.append(words))
    assert (browser.main(), capsys.readouterr().out) == (0, f"{there}\n")
    assert [(words[0], browser.SHELL in words) for words in asked] == [("update", False), ("install", True)]

    monkeypatch.setattr(browser, "_apt", lambda *words: bool(_program(shell)))
    assert (browser.main(), capsys.readouterr().out) == (0, f"{shell}\n")
    monkeypatch.setitem(os.environ, "CHROMIUM", str(there))
    assert browser.install() == str(there)


def test_where_the_system_gives_none_npm_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browser, "_by_apt", lambda: None)
    monkeypatch.setattr(browser, "_by_npm", lambda: _program(tmp_path / "chromium"))
    assert browser.install() == str(tmp_path / "chromium")


def test_a_browser_that_does_not_run_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "_by_apt", lambda: None)
    monkeypatch.setattr(browser, "_by_npm", lambda: _program(tmp_path / "chromium", exit_code=127))
    assert browser.main() == 1
    assert "CHROMIUM=" in capsys.readouterr().err
