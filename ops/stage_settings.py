"""A stage's settings as an operator keeps them: a JSON file of the CDK's context, and `-c name=value` above it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.stages import Stage, from_context


class SettingsError(Exception):
    """The settings cannot be taken; the message names the key or the file."""


def settings_of(stage: str, file: str | None, given: Sequence[str]) -> dict[str, str]:
    """The context of the stage: `stage` itself, what `file` says, and above it each `name=value`.

    Raises SettingsError for a file that is not an object of texts and numbers, for a word without `=`, and for a
    name that no setting has.
    """
    context = {"stage": stage}
    if file is not None:
        context |= _of_file(Path(file))
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            raise SettingsError(f"-c takes name=value, not {word!r}")
        context[name] = value
    if context["stage"] != stage:
        raise SettingsError(f"the settings are those of the stage {context['stage']!r}, not of {stage!r}")
    stage_of(context)
    return context


def stage_of(context: Mapping[str, str]) -> Stage:
    """The stage with these settings. Raises SettingsError for a value or a name that it does not take."""
    asked: set[str] = set()

    def read(name: str) -> object:
        asked.add(name)
        return context.get(name)

    try:
        stage = from_context(read)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if unknown := sorted(context.keys() - asked):
        raise SettingsError(f"no such setting: {', '.join(unknown)}; there are {', '.join(sorted(asked))}")
    return stage


def _of_file(file: Path) -> dict[str, str]:
    try:
        read: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(read, dict):
        raise SettingsError(f"{file} must hold one object of settings")
    return {str(name): _text(file, name, value) for name, value in read.items()}


def _text(file: Path, name: str, value: object) -> str:
    """Lists may be written as such: the context has them comma separated."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise SettingsError(f"{file}: {name} must be a text, a number or a list of texts")
