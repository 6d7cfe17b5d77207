"""`python -m tools.mutation` changes the domain in small ways and counts what its unit tests notice (Q26).

mutmut works on copies under .local/mutation, in the layout it knows; docs/decisions/0022 says why they are needed. Each
mutant is run against those unit tests of the domain that pass through the changed function.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.workspace import LOCAL, ROOT, VENV

PACKAGE = ROOT / "layers" / "buyer_protection" / "python" / "buyer_protection"
WORKSPACE = LOCAL / "mutation"
DOMAIN = "src/buyer_protection/domain"
# What the domain's unit tests need of the checkout.
COPIED = (
    "tests/__init__.py",
    "tests/support/builders.py",
    "tests/unit/__init__.py",
    "tests/unit/conftest.py",
)
LEAST_SCORE = 90.0

GATE = "transitions"
# The gate's own tests are most of all tests, and pass through everything on their way to it: they run for it alone.
SETTINGS_OF_PART = {
    "gate": f'''only_mutate = ["{DOMAIN}/{GATE}.py"]\n''',
    "rest": f'''do_not_mutate = ["{DOMAIN}/{GATE}.py"]
only_mutate = ["{DOMAIN}/*"]
pytest_add_cli_args = ["--ignore=tests/unit/domain/test_gate.py"]
''',
}
SETTINGS = """\
[tool.mutmut]
source_paths = ["src/"]
pytest_add_cli_args_test_selection = ["tests/unit/domain"]
use_git_change_detection = false
{of_part}
[tool.pytest.ini_options]
pythonpath = [".", "src"]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TZ": "UTC"}

# mutmut's exit codes of a mutant's tests; everything else went wrong and counts against the score.
KILLED = {
    1: "killed",
    3: "killed",
    -24: "timeout",
    24: "timeout",
    36: "timeout",
    152: "timeout",
    255: "timeout",
}
MISSED = {0: "survived", 33: "no tests", 5: "no tests"}


def with_plain_getters(source: str) -> str:
    """Each `@property` becomes a plain method and `name = property(…)`: mutmut leaves decorated ones alone."""
    lines = source.splitlines()
    getters = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(it) for it in node.decorator_list] == ["property"]
    ]
    for node in sorted(getters, key=lambda it: it.lineno, reverse=True):
        indent = " " * node.col_offset
        lines.insert(node.end_lineno or node.lineno, f"{indent}{node.name} = property(get_{node.name})")
        lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"def {node.name}", f"def get_{node.name}", 1)
        del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def prepare(folder: Path, part: str) -> None:
    """A fresh copy of the package and of the domain's tests, in the layout that mutmut can work in."""
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "src" / "buyer_protection", ignore=ignored)
    for path in (folder / DOMAIN).glob("*.py"):
        path.write_text(with_plain_getters(path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "unit" / "domain", folder / "tests" / "unit" / "domain", ignore=ignored)
    for name in COPIED:
        shutil.copy2(ROOT / name, folder / name)
    (folder / "pyproject.toml").write_text(SETTINGS.format(of_part=SETTINGS_OF_PART[part]), encoding="utf-8")


def run(folder: Path, wanted: Iterable[str], processes: int) -> int:
    """Mutmut's own run, on these modules or on all; its progress is shown as it comes."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | ALONE
    patterns = [f"buyer_protection.domain.{name}.*" for name in wanted]
    command = [str(VENV / "bin" / "mutmut"), "run", "--max-children", str(processes), *patterns]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def verdicts(folder: Path) -> dict[str, dict[str, str]]:
    """Per module, what became of each mutant that was tried."""
    found: dict[str, dict[str, str]] = {}
    for meta in sorted((folder / "mutants" / DOMAIN).glob("*.py.meta")):
        codes: Mapping[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if code is not None}
        if tried:
            module = meta.name.removesuffix(".py.meta")
            found[module] = {
                name: KILLED.get(code) or MISSED.get(code, "went wrong") for name, code in tried.items()
            }
    return found


def killed(counts: Counter[str]) -> int:
    """How many of the mutants were noticed."""
    return counts["killed"] + counts["timeout"]


def report(found: Mapping[str, Mapping[str, str]]) -> float:
    """The table by module, the names of those that nobody noticed, and the score in percent."""
    table = Table(title="Mutants of the domain", title_justify="left")
    for heading in ("module", "mutants", "killed", "survived", "no tests", "went wrong", "score"):
        table.add_column(heading, justify="left" if heading == "module" else "right")
    every: Counter[str] = Counter()
    for module, of_module in found.items():
        counts = Counter(of_module.values())
        every += counts
        table.add_row(module, *_cells(counts))
    table.add_section()
    table.add_row("all", *_cells(every))
    console = Console()
    console.print(table)
    missed = [name for of in found.values() for name, verdict in of.items() if verdict not in KILLED.values()]
    for name in missed:
        console.print(name, highlight=False, soft_wrap=True)
    return 100 * killed(every) / max(1, every.total())


def _cells(counts: Counter[str]) -> tuple[str, ...]:
    score = f"{100 * killed(counts) / max(1, counts.total()):.1f} %"
    others = (str(counts[verdict]) for verdict in ("survived", "no tests", "went wrong"))
    return (str(counts.total()), str(killed(counts)), *others, score)


def main() -> int:
    """0 where the score reaches the bar; 1 where it does not, or where mutmut could not run."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--modules", nargs="*", default=[], help="modules of the domain; all by default")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    found: dict[str, dict[str, str]] = {}
    for part in SETTINGS_OF_PART:
        modules = [name for name in asked.modules if (name == GATE) == (part == "gate")]
        if asked.modules and not modules:
            continue
        prepare(WORKSPACE / part, part)
        if run(WORKSPACE / part, modules, asked.processes) != 0:
            print("mutmut did not come to its end", file=sys.stderr)
            return 1
        found |= verdicts(WORKSPACE / part)
    score = report(dict(sorted(found.items())))
    print(f"mutation score: {score:.1f} % (at least {LEAST_SCORE:.0f} %)")
    return 0 if score >= LEAST_SCORE else 1


if __name__ == "__main__":
    sys.exit(main())
