"""Builds the layers without Docker: third-party packages with uv, our own code as it lies, all with .pyc files.

The functions run on Python 3.13, the newest minor version on which a test imports every handler, and on arm64, the
cheaper processor. The local stage takes the interpreter and the processor of the machine
that synthesises, since the emulator runs the functions with an interpreter of its own.

A layer without .pyc files costs every cold start about twice the CPU (the layer is mounted read-only, so
nothing is ever cached). They are compiled by an interpreter of the target's minor version and marked
`unchecked-hash`, so that timestamps neither matter nor spoil the asset. Without that interpreter no deployed stage is
synthesised; `-c python=<path>` names one that is not found by itself.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.built_once import BuiltOnce
from infra.paths import DEPENDENCIES, MAIL_TEXTS, OWN_LAYER, PICTURES
from infra.stages import Stage

BUNDLER_VERSION = "5"
MINOR = 13
OLDEST_MINOR = 11

SERVICES = ("cognito-idp", "dynamodb", "events", "kms", "s3", "sesv2", "sqs", "stepfunctions")
# DynamoDB is called by every function, and its model is large: these operations alone are described.
OPERATIONS = {
    "cognito-idp": ("AdminGetUser", "AdminListGroupsForUser", "ListUsersInGroup"),
    "dynamodb": (
        "BatchGetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "kms": ("DescribeKey", "GetPublicKey", "Sign"),
}
SERVICE_DATA_PACKAGE = "aws_service_data"
_MODELS = ("service-2", "endpoint-rule-set-1", "paginators-1")
_SHARED_DATA = ("endpoints", "partitions", "_retry", "sdk-default-configuration")
# Parts of Powertools that would bring libraries we do not use (pydantic, jsonschema, redis), and its own routers.
_UNUSED = (
    "bin",
    "aws_lambda_powertools/event_handler",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha",
            "circuit_breaker",
            "data_masking",
            "feature_flags",
            "idempotency",
            "kafka",
            "parameters",
            "parser",
            "streaming",
            "validation",
        )
    ),
)


class BundlingError(Exception):
    """A layer could not be built; the message is the failed command and what it printed."""


@dataclass(frozen=True, slots=True)
class Target:
    """The interpreter and processor that a layer is built for; `python` is the path of one that was named."""

    minor: int
    arm: bool
    host: bool
    python: str | None = None

    @property
    def version(self) -> str:
        """As `3.13`."""
        return f"3.{self.minor}"

    @property
    def runtime(self) -> lambda_.Runtime:
        """The Lambda runtime of this interpreter."""
        return lambda_.Runtime(
            f"python{self.version}", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True
        )

    @property
    def architecture(self) -> lambda_.Architecture:
        """The Lambda architecture of this processor."""
        return lambda_.Architecture.ARM_64 if self.arm else lambda_.Architecture.X86_64

    @property
    def wheels(self) -> list[str]:
        """uv's options that choose the wheels."""
        if self.host:
            return ["--python", sys.executable]
        return ["--python-version", self.version, "--python-platform", "aarch64-manylinux_2_28"]


def target_of(stage: Stage) -> Target:
    """What the stage's layers are built for."""
    if not stage.local:
        return Target(minor=MINOR, arm=True, host=False, python=stage.python)
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return Target(minor=min(max(sys.version_info.minor, OLDEST_MINOR), MINOR), arm=arm, host=True)


@cache
def compiler(target: Target) -> str:
    """The path of an interpreter of the target's minor version; BundlingError where there is none."""
    if target.host:
        return sys.executable
    for candidate in _interpreters(target):
        if _minor_of(candidate) == target.minor:
            return candidate
    named = f"{target.python} is no Python {target.version}" if target.python else "none was found"
    raise BundlingError(
        f"The layers are compiled by Python {target.version}, which the functions run on, and {named}. Install it "
        f"(uv python install {target.version}) or name one that is installed: -c python=<path>"
    )


def _interpreters(target: Target) -> Iterator[str]:
    """The one that was named, else this one, those on the PATH, pyenv's and uv's own, which need not be on it."""
    if target.python:
        yield target.python
        return
    yield sys.executable
    command = f"python{target.version}"
    yield from (str(Path(folder) / command) for folder in os.get_exec_path())
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(path) for path in sorted(pyenv.glob(f"versions/{target.version}.*/bin/{command}")))
    managed = [_uv(), "python", "find", "--managed-python", "--no-project", "--no-python-downloads"]
    yield _output([*managed, target.version])


def _minor_of(python: str) -> int | None:
    """The minor version of the interpreter at this path; None where there is none, or it does not start."""
    minor = _output([python, "-c", "import sys; print(sys.version_info.minor)"])
    return int(minor) if minor.isdigit() else None


def _output(command: list[str]) -> str:
    """What the command prints; empty where it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def own_code(target: Target) -> lambda_.Code:
    """Our own package as a layer: the folder itself and its .pyc files."""
    return _asset(target, OWN_LAYER, _OwnCode(target), _digest(target, "own", _sources(OWN_LAYER)))


def dependencies(target: Target) -> lambda_.Code:
    """The third-party packages as a layer, with botocore's trimmed data as the package `aws_service_data`."""
    files = [DEPENDENCIES / "requirements.txt"]
    versions = [f"{name}={metadata.version(name)}" for name in ("botocore", "uv")]
    digest = _digest(target, "dependencies", files, *versions, *SERVICES, *sorted(languages()))
    return _asset(target, DEPENDENCIES, _Dependencies(target), digest)


def pictures(target: Target) -> lambda_.Code:
    """The packages that make copies of pictures, as a layer of their own: they are larger than all others (R49)."""
    files, uv = [PICTURES / "requirements.txt"], f"uv={metadata.version('uv')}"
    return _asset(target, PICTURES, _Pictures(target), _digest(target, "pictures", files, uv))


def _asset(target: Target, source: Path, builder: ILocalBundling, digest: str) -> lambda_.Code:
    if target.host:
        # Not by the digest alone: whoever changes this file sees it at once.
        builder = BuiltOnce(
            builder, hashlib.sha256(digest.encode() + Path(__file__).read_bytes()).hexdigest()
        )
    # The image is never used: a failing build raises, it does not fall back to Docker.
    bundling = BundlingOptions(image=DockerImage.from_registry("unused"), local=builder)
    return lambda_.Code.from_asset(
        str(source), bundling=bundling, asset_hash=digest, asset_hash_type=AssetHashType.CUSTOM
    )


def _sources(folder: Path) -> list[Path]:
    inside = (path for path in folder.rglob("*") if path.is_file())
    return sorted(p for p in inside if not any(_leave_out(part) for part in p.relative_to(folder).parts))


def _leave_out(name: str) -> bool:
    """Caches of Python and of the checkers, whose folders start with a dot."""
    return name == "__pycache__" or name.startswith(".") or name.endswith(".pyc")


def _digest(target: Target, what: str, files: list[Path], *words: str) -> str:
    digest = hashlib.sha256()
    host = platform.platform() if target.host else ""
    for word in (BUNDLER_VERSION, what, target.version, str(target.arm), host, *words):
        digest.update(f"{word}\0".encode())
    for file in files:
        digest.update(f"{file.name}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
        digest.update(str(file.parent.relative_to(DEPENDENCIES.parent)).encode())
    return digest.hexdigest()


@jsii.implements(ILocalBundling)
class _OwnCode:
    def __init__(self, target: Target) -> None:
        self._target = target

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Copy the package and compile it."""
        python = Path(output_dir) / "python"
        ignored = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
        shutil.copytree(OWN_LAYER / "python", python, ignore=ignored, dirs_exist_ok=True)
        compile_tree(python, self._target)
        return True


@jsii.implements(ILocalBundling)
class _Dependencies:
    def __init__(self, target: Target) -> None:
        self._target = target

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Install the locked wheels, drop what no function reads, add the service data, compile."""
        python = Path(output_dir) / "python"
        install(python, self._target)
        trim(python)
        write_service_data(python / SERVICE_DATA_PACKAGE)
        compile_tree(python, self._target)
        return True


@jsii.implements(ILocalBundling)
class _Pictures:
    def __init__(self, target: Target) -> None:
        self._target = target

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Install the locked wheels and compile."""
        python = Path(output_dir) / "python"
        install(python, self._target, PICTURES)
        compile_tree(python, self._target)
        return True


def install(folder: Path, target: Target, layer: Path = DEPENDENCIES) -> None:
    """Install a layer's lock into `folder`; it is complete but for what the runtime brings, hence `--no-deps`."""
    wheels = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "--no-config", "--quiet"]
    locked = str(layer / "requirements.txt")
    _run([_uv(), "pip", "install", "--target", str(folder), *target.wheels, *wheels, "-r", locked])


def languages() -> set[str]:
    """What the mails are written in, as Babel names it; its data for all others would be most of the layer."""
    return {"root", "en", *(path.name.split("_")[0] for path in MAIL_TEXTS.iterdir() if path.is_dir())}


def trim(folder: Path) -> None:
    """Drop what no function imports: commands, unused tools, locales that no mail is written in."""
    kept = languages()
    for unused in _UNUSED:
        shutil.rmtree(folder / unused, ignore_errors=True)
    for lock in folder.glob(".lock"):
        lock.unlink()
    for locale in (folder / "babel" / "locale-data").glob("*.dat"):
        if locale.stem.split("_", 1)[0] not in kept:
            locale.unlink()


def compile_tree(folder: Path, target: Target) -> None:
    """Write .pyc files beside the sources; their recorded paths are those below /opt."""
    where = ["-s", str(folder), "-p", "/opt/python"]
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    _run([compiler(target), "-m", "compileall", *options, *where, str(folder)])


def write_service_data(folder: Path) -> None:
    """Write botocore's models of the services in use, without prose and uncompressed, from the build's
    botocore.

    A loader over this folder alone makes a client for a fraction of the usual CPU: botocore's own data means
    walking four hundred folders, unzipping, and parsing the documentation of every field.
    """
    source = _botocore_data()
    for name in _SHARED_DATA:
        content = _load(source / f"{name}.json")
        if name == "endpoints":
            content = _only_our_endpoints(content)
        _dump(folder / f"{name}.json", content)
    for service in SERVICES:
        newest = max(p for p in (source / service).iterdir() if p.is_dir())
        for model in _MODELS:
            content = _without_prose(_load(newest / f"{model}.json"))
            if model == "service-2" and service in OPERATIONS:
                content = _only_operations(content, OPERATIONS[service])
            for parameter in content.get("clientContextParams", {}).values():
                # The one text that botocore insists on.
                parameter["documentation"] = ""
            _dump(folder / service / newest.name / f"{model}.json", content)


def _only_our_endpoints(content: dict[str, Any]) -> dict[str, Any]:
    ours = {"dynamodb", "email", "events", "s3", "sqs", "states"}
    for part in content["partitions"]:
        part["services"] = {name: value for name, value in part["services"].items() if name in ours}
    return content


def _only_operations(content: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The service's model with these operations, and with the shapes that they are made of."""
    operations = {name: content["operations"][name] for name in names}
    shapes: dict[str, Any] = {}
    waiting = list(_shapes_in(operations))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = content["shapes"][name]
            waiting += _shapes_in(shapes[name])
    return {**content, "operations": operations, "shapes": shapes}


def _shapes_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _shapes_in(item)


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_prose(item)
            for key, item in value.items()
            if not (key == "documentation" and isinstance(item, str))
        }
    return [_without_prose(item) for item in value] if isinstance(value, list) else value


def _botocore_data() -> Path:
    spec = util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise BundlingError("botocore is missing in the environment that synthesises")
    return Path(spec.origin).parent / "data"


def _load(file: Path) -> dict[str, Any]:
    packed = file.with_name(f"{file.name}.gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else file.read_bytes()
    content: dict[str, Any] = json.loads(raw)
    return content


def _dump(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def _uv() -> str:
    for candidate in _uv_candidates():
        if candidate.exists():
            return str(candidate)
    raise BundlingError("uv is missing in the environment that synthesises (pip install uv)")


def _uv_candidates() -> Iterator[Path]:
    yield Path(sys.executable).parent / "uv"
    if found := shutil.which("uv"):
        yield Path(found)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundlingError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
