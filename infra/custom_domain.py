"""The API's own domain, as data: a part of `infra.stages`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_CERTIFICATE = re.compile(r"arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate/\S+")
_BASE_PATH = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Domain:
    """Keys of the CDK's context: `api_domain`, `api_certificate_arn` (of the stage's account and region) and, where the
    API shares its domain with others, `api_base_path`, one step without slashes. With `api_backend_base_path` the
    backend's API is served there too, beside people's."""

    name: str
    certificate_arn: str
    base_path: str | None = None
    backend_base_path: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"api_domain is the name of a host, not {self.name!r}")
        if not _CERTIFICATE.fullmatch(self.certificate_arn):
            raise ValueError(
                "api_domain needs api_certificate_arn: that of a certificate in the stage's region"
            )
        for key, path in (
            ("api_base_path", self.base_path),
            ("api_backend_base_path", self.backend_base_path),
        ):
            if path is not None and not _BASE_PATH.fullmatch(path):
                raise ValueError(f"{key} is one step of a path without slashes, not {path!r}")
        # A mapping without a base path takes the whole domain.
        if self.backend_base_path is not None and self.base_path in (None, self.backend_base_path):
            raise ValueError("api_backend_base_path needs another api_base_path beside it")


def from_context(read: Callable[[str], object]) -> Domain | None:
    """What the CDK's context says; None where it names no domain. Raises ValueError for settings that cannot work."""
    name, certificate = read("api_domain"), read("api_certificate_arn")
    paths = [read(key) for key in ("api_base_path", "api_backend_base_path")]
    if name is None:
        if any(it is not None for it in (certificate, *paths)):
            raise ValueError("api_certificate_arn and api_base_path go with api_domain")
        return None
    return Domain(str(name), str(certificate or ""), *(None if path is None else str(path) for path in paths))
