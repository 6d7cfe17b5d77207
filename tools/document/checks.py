"""Reads docs/openapi.json with a linter and four generators of clients, each at its defaults, and docs/asyncapi.json
with AsyncAPI's parser; checks what they generate, and the clients of tests/clients, with strict types.

The tools live apart from the everyday set-up: npm's in tools/document/node_modules, Python's in .local/venv-verify.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"
EVENTS = ROOT / "docs" / "asyncapi.json"
STORIES = ROOT / "tests" / "clients"
PACKAGES = Path(__file__).parent / "node_modules"
NODE = ROOT / ".local" / "venv" / "bin" / "node"
PYTHON = ROOT / ".local" / "venv-verify" / "bin"
GENERATED = ROOT / ".local" / "document"
PYTHON_CLIENT = GENERATED / "python" / "buyer_protection_client"
TYPESCRIPT = GENERATED / "typescript"

_SILENT = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
}
_STRICT = (
    "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "esnext",
    "--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable", "--types", "node",
    "--allowImportingTsExtensions",
)  # fmt: skip


class Step(NamedTuple):
    """A tool, what it is run with, and what has to be done before."""

    name: str
    command: tuple[str | Path, ...]
    prepare: Callable[[], object] | None = None


def steps() -> list[Step]:
    """All of them, in the order in which they need each other."""
    return [
        Step(
            "@redocly/cli lint, recommended-strict",
            (*_npm("redocly"), "lint", "--extends", "recommended-strict", DOCUMENT),
        ),
        Step(
            "patterns, as JavaScript reads them", (NODE, Path(__file__).with_name("patterns.mjs"), DOCUMENT)
        ),
        Step("@asyncapi/parser", (NODE, Path(__file__).with_name("asyncapi.mjs"), EVENTS)),
        *generators(),
        Step("mypy --strict: the Python client and its disputes", mypy()),
        Step(
            "tsc --strict: openapi-typescript and its disputes",
            _tsc(*(found.name for found in sorted(STORIES.glob("*.ts")))),
            _copy_stories,
        ),
        Step("tsc --strict: @hey-api/openapi-ts", _tsc("hey-api/index.ts")),
        Step("tsc --strict: orval", _tsc("orval.ts")),
    ]


def story(name: str) -> list[str]:
    """The command of a client of tests/clients, once all is generated: `dispute_with_photo.py` or `.ts`."""
    if name.endswith(".py"):
        return [str(PYTHON / "python"), str(STORIES / name)]
    _copy_stories()
    return [str(NODE), str(TYPESCRIPT / name)]


def generators(document: Path = DOCUMENT) -> list[Step]:
    """The four generators; the Python one empties the folder first."""
    return [
        Step(
            "openapi-python-client",
            (PYTHON / "openapi-python-client", "generate", "--path", document, "--fail-on-warning",
             "--output-path", PYTHON_CLIENT.parent),
            _empty,
        ),
        Step("openapi-typescript", (*_npm("openapi-typescript"), document, "-o", TYPESCRIPT / "schema.d.ts")),
        Step("@hey-api/openapi-ts", (*_npm("openapi-ts"), "-i", document, "-o", TYPESCRIPT / "hey-api")),
        Step("orval", (*_npm("orval"), "--input", document, "--output", TYPESCRIPT / "orval.ts")),
    ]  # fmt: skip


def mypy() -> tuple[str | Path, ...]:
    """The check of the generated Python package and of the stories."""
    cache = GENERATED / "mypy-cache"
    return (
        PYTHON / "mypy", "--strict", "--explicit-package-bases", "--config-file", os.devnull, "--cache-dir", cache,
        PYTHON_CLIENT, *sorted(STORIES.glob("*.py")),
    )  # fmt: skip


def main() -> int:
    """Run all, even where one fails, and print what each prints; 1 where one failed, 2 where one is not set up."""
    wanted = (PYTHON / "openapi-python-client", PACKAGES / ".bin" / "redocly", NODE)
    missing = [path for path in wanted if not path.exists()]
    if missing:
        sys.stderr.write(f"not set up: {', '.join(str(path.relative_to(ROOT)) for path in missing)}\n")
        return 2
    with alone():
        failed = [step.name for step in steps() if not run(step)]
    print(
        f"{len(steps()) - len(failed)} of {len(steps())} passed"
        + "".join(f"; failed: {name}" for name in failed)
    )
    return 1 if failed else 0


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else generates into the same folder until the end of the block: other processes wait."""
    GENERATED.parent.mkdir(exist_ok=True)
    with GENERATED.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(step: Step) -> bool:
    """Run it, show what it prints; whether it ended well."""
    print(f"== {step.name}", flush=True)
    if step.prepare is not None:
        step.prepare()
    path = os.pathsep.join([str(NODE.parent), str(PYTHON), os.environ.get("PATH", "")])
    environment = {
        **os.environ,
        **_SILENT,
        "PATH": path,
        "MYPYPATH": f"{PYTHON_CLIENT.parent}{os.pathsep}{STORIES}",
    }
    done = subprocess.run(
        [str(word) for word in step.command],
        cwd=GENERATED if GENERATED.exists() else ROOT,
        env=environment,
        check=False,
    )
    return done.returncode == 0


def _npm(name: str) -> tuple[str | Path, ...]:
    return (NODE, PACKAGES / ".bin" / name)


def _tsc(*entries: str) -> tuple[str | Path, ...]:
    return (*_npm("tsc"), *_STRICT, "--typeRoots", PACKAGES / "@types", *(TYPESCRIPT / it for it in entries))


def _empty() -> None:
    shutil.rmtree(GENERATED, ignore_errors=True)
    TYPESCRIPT.mkdir(parents=True)
    (TYPESCRIPT / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    # Modules are looked for in the folders above the one that imports them.
    (TYPESCRIPT / "node_modules").symlink_to(PACKAGES, target_is_directory=True)


def _copy_stories() -> None:
    for story in STORIES.glob("*.ts"):
        shutil.copy(story, TYPESCRIPT)
