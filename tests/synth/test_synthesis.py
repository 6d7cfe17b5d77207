"""Synthesis needs no network, gives the same templates twice, and bundles layers without Docker."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra import bundling
from infra.application import build
from infra.paths import DEPENDENCIES, FUNCTIONS, OWN_LAYER, ROOT
from infra.stages import LOCAL, PROD
from tests.synth.assembly import Synthesis

# Any socket but the pipes to the CDK's own kernel ends the run.
OFFLINE = """
import socket, sys

def refuse(*_, **__):
    raise RuntimeError("synthesis opened a socket")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
sys.path.insert(0, {root!r})
from infra.application import build
build({{"stage": "prod", "aws:cdk:bundling-stacks": []}}, {outdir!r}).synth()
"""


@pytest.mark.verify
def test_production_synthesises_offline_and_always_alike(prod: Synthesis, tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # Node sees no network either: an address that nothing listens on, as a proxy for everything.
    dead = "http://127.0.0.1:9"
    environment |= {"HTTP_PROXY": dead, "HTTPS_PROXY": dead, "AWS_EC2_METADATA_DISABLED": "true"}
    script = OFFLINE.format(root=str(ROOT), outdir=str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    for name, template in prod.templates.items():
        written = json.loads((tmp_path / f"BuyerProtection-prod-{name}.template.json").read_text())
        assert written == template


def test_our_own_layer_is_the_package_compiled_and_nothing_else(tmp_path: Path) -> None:
    target = bundling.target_of(LOCAL)

    assert bundling._OwnCode(target).try_bundle(str(tmp_path))

    built = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.py")}
    sources = {str(path.relative_to(OWN_LAYER)) for path in OWN_LAYER.rglob("*.py")}
    assert built == sources
    for source in tmp_path.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        # Bits 0 and not 1 of the flags: by hash, and not checked against the source at import.
        assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00"
        assert str(tmp_path).encode() not in compiled.read_bytes()
    assert list(tmp_path.rglob(".*")) == []


GOLDEN = Path(__file__).parent / "golden"


def test_the_service_data_alone_makes_every_client_that_the_functions_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.loaders import Loader
    from botocore.session import Session

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    bundling.write_service_data(tmp_path)
    session = Session()
    loader = Loader(extra_search_paths=[str(tmp_path)], include_default_search_paths=False)
    session.register_component("data_loader", loader)

    for service in bundling.SERVICES:
        client = session.create_client(
            service, region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        assert "eu-central-1" in client.meta.endpoint_url
        described = client.meta.service_model.operation_names
        assert sorted(bundling.OPERATIONS.get(service, described)) == sorted(described)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.json")) < 1_000_000


def test_every_operation_on_the_table_that_a_role_allows_is_described() -> None:
    golden = "".join(path.read_text() for path in GOLDEN.iterdir())
    allowed = set(re.findall(r"dynamodb:([A-Z][A-Za-z]+)", golden))
    # The stream is read by Lambda, not by a function's client.
    by_others = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
    described = set(bundling.OPERATIONS["dynamodb"])
    # A condition on a row that a transaction leaves alone has a right of its own, and no operation.
    assert allowed - by_others - {"ConditionCheckItem"} == described - {"TransactWriteItems"}


@pytest.fixture
def no_interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without the Python that the functions run on."""
    bundling.compiler.cache_clear()
    monkeypatch.setattr(bundling, "_minor_of", lambda path: bundling.MINOR - 1)
    yield
    bundling.compiler.cache_clear()


@pytest.mark.usefixtures("no_interpreter")
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_deployed_stage_is_synthesised_without_the_interpreter_of_its_functions(
    tmp_path: Path, stage: str
) -> None:
    with pytest.raises(bundling.BundlingError, match=r"Install it .*-c python=<path>"):
        build({"stage": stage}, str(tmp_path))


@pytest.mark.usefixtures("no_interpreter")
def test_a_layer_is_never_left_without_bytecode(tmp_path: Path) -> None:
    with pytest.raises(bundling.BundlingError, match=r"Python 3\.13"):
        bundling.compile_tree(tmp_path, bundling.target_of(PROD))


def test_an_interpreter_that_is_named_is_the_one_that_is_asked(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for path, minor in ((right, bundling.MINOR), (wrong, bundling.MINOR - 1)):
        path.write_text(f"#!/bin/sh\necho {minor}\n")
        path.chmod(0o755)
    named = replace(PROD, python=str(right))

    assert bundling.compiler(bundling.target_of(named)) == str(right)
    for other in (wrong, tmp_path / "missing"):
        with pytest.raises(bundling.BundlingError, match=f"{other.name} is no Python"):
            bundling.compiler(bundling.target_of(replace(PROD, python=str(other))))


def test_the_functions_start_on_the_python_that_is_deployed(tmp_path: Path) -> None:
    """Findings I12: every handler is imported with its layers by an interpreter of the deployed minor version."""
    try:
        python = bundling.compiler(bundling.target_of(PROD))
    except bundling.BundlingError as missing:
        pytest.skip(str(missing))
    own = [str(OWN_LAYER / "python"), str(tmp_path)]
    locked = str(DEPENDENCIES / "requirements.txt")
    options = ["--quiet", "--no-config", "--only-binary", ":all:", "--require-hashes", "--no-deps"]
    bundling._run(
        [
            bundling._uv(),
            "pip",
            "install",
            "--python",
            python,
            "--target",
            str(tmp_path),
            *options,
            "-r",
            locked,
        ]
    )

    # boto3, which the runtime brings, is pure Python: this environment's serves any version.
    paths = [*own, sysconfig.get_path("purelib")]
    names = sorted(handler.parent.name for handler in FUNCTIONS.glob("*/handler.py"))
    script = (
        f"import sys, importlib.util; sys.path[:0] = {paths!r}\n"
        f"for name in {names!r}:\n"
        f"    spec = importlib.util.spec_from_file_location(name, {str(FUNCTIONS)!r} + f'/{{name}}/handler.py')\n"
        "    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
        "print(sys.version_info.minor)"
    )
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == str(bundling.MINOR), done.stderr


def test_a_failed_build_fails_the_synthesis() -> None:
    with pytest.raises(bundling.BundlingError, match="no-such-option"):
        bundling._run([sys.executable, "--no-such-option"])


def test_the_deployed_stages_build_for_arm_and_the_local_one_for_this_machine() -> None:
    deployed, local = bundling.target_of(PROD), bundling.target_of(LOCAL)

    assert deployed.wheels == ["--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28"]
    assert local.wheels == ["--python", sys.executable]
    assert local.minor == min(max(sys.version_info.minor, bundling.OLDEST_MINOR), bundling.MINOR)


@pytest.fixture(scope="module")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The third-party layer as it is built for this machine."""
    folder = tmp_path_factory.mktemp("third-party")
    assert bundling._Dependencies(bundling.target_of(LOCAL)).try_bundle(str(folder))
    return folder / "python"


@pytest.mark.verify
def test_the_third_party_layer_holds_all_that_the_handlers_import_but_the_sdk(third_party: Path) -> None:
    layers = [str(OWN_LAYER / "python"), str(third_party)]
    for handler in sorted(FUNCTIONS.glob("*/handler.py")):
        script = f"import sys; sys.path[:0] = {[str(handler.parent), *layers]!r}; import handler"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{handler.parent.name}: {done.stderr}"
    assert not [name for name in ("bin", "boto3", "botocore") if (third_party / name).exists()]
    assert list(third_party.rglob("*.pyc"))


def test_the_layer_knows_time_zones_where_the_system_does_not(third_party: Path) -> None:
    """Findings I13: what zone data the runtime's image holds, nobody promises."""
    script = "from zoneinfo import ZoneInfo; print(ZoneInfo('America/Sao_Paulo'))"

    def run(*layers: str) -> subprocess.CompletedProcess[str]:
        # No folder of the system's, and no site-packages (-S): the layer alone.
        environment = {"PYTHONTZPATH": "", "PYTHONPATH": os.pathsep.join(layers)}
        command = [sys.executable, "-S", "-c", script]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert run(str(third_party)).stdout.strip() == "America/Sao_Paulo"
    assert "ZoneInfoNotFoundError" in run().stderr
