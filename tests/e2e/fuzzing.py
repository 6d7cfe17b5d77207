"""Schemathesis over the committed OpenAPI document: which requests are made, as whom, and what is wrong with an answer.

A third of the requests are Schemathesis' systematic ones (each bound of each schema, both sides of it), a third are
random well-formed ones, a third random malformed ones. The same seed generates the same requests; what the nudged ones
are about differs with the ids of the stack.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import requests
import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis.errors import Unsatisfiable
from requests.auth import AuthBase
from schemathesis import Case as Request
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

from local.client import BACKEND
from local.state import StackInfo
from tests.e2e.ground import Ground
from tests.e2e.world import Json

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PEOPLE = ("buyer", "seller", "case_manager")
TEND_EVERY = 20
PROBLEM = "application/problem+json"
# What the fields of a body say of each other, or of what is stored.
BEYOND_SCHEMAS = frozenset({"OUT_OF_RANGE", "NOT_OF_THIS_LIST", "DUPLICATE", "NOT_ON_ORDER"})
# Whose orders a list names depends on who asks (decision 0075).
BY_CALLER = {"list_orders": frozenset({"role", "buyer_id", "seller_id"})}
CONFIG: Json = {
    "generation": {"with-security-parameters": False},
    "checks": {
        # Well formed, but not possible now (412), not possible at all (422), or too often (429).
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422", "429"]
        },
        # A gateway does not distinguish an unknown method from an unknown path: `wrong_problem` looks at these.
        "unsupported_method": {"enabled": False},
        "missing_required_header": {"expected-statuses": [400, 401, 403, 404]},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "409", "412", "415", "422", "429"]
        },
    },
}


class Signature(AuthBase):
    """The shop's backend signs what is sent, as AWS asks it of an IAM-authorized method."""

    def __init__(self, stack: StackInfo) -> None:
        self._credentials = Credentials(stack.backend.access_key_id, stack.backend.secret_access_key)
        self._region = stack.region

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        sent = prepared.body
        signed = AWSRequest(
            method=prepared.method, url=prepared.url, data=sent, headers={"content-type": "application/json"}
        )
        SigV4Auth(self._credentials, "execute-api", self._region).add_auth(signed)
        prepared.headers.update(dict(signed.headers))
        return prepared


@dataclass
class Findings:
    """How many requests were made, what came back, and what was wrong, each kind once with an example."""

    made: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        self.failures[kind] += 1
        self.examples.setdefault(kind, example)

    def summary(self) -> str:
        lines = [
            f"{self.made} requests; answers by status: {dict(sorted(self.statuses.items()))}",
            f"calls that took one or more of them: {len(self.accepted)}",
        ]
        for kind, count in self.failures.most_common():
            lines += [f"--- {count} x {kind}", self.examples[kind]]
        return "\n".join(lines)


class Fuzzer:
    """Makes requests from the document and looks at every answer."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground, self.seed = ground, seed
        self.document: Json = json.loads(DOCUMENT.read_text())
        config = SchemathesisConfig.from_dict(CONFIG)
        self.schema = schemathesis.openapi.from_dict(self.document, config=config)
        self.rng = random.Random(seed)
        self.findings = Findings()
        self.session = requests.Session()
        self.session.trust_env = False
        self.stack = ground.world.stack

    def run(self, total: int) -> Findings:
        """`total` requests, spread evenly over the operations."""
        operations = [found.ok() for found in self.schema.get_all_operations()]
        turn = 0
        while self.findings.made < total:
            share = math.ceil((total - self.findings.made) / len(operations))
            for operation in operations:
                batch = list(self._requests(operation, share, self.seed + turn))
                for request in batch[: total - self.findings.made]:
                    self._try(request)
            turn += 1
        return self.findings

    def _requests(self, operation: Any, count: int, seed: int) -> Iterator[Request]:
        systematic = list(
            self.schema.iter_coverage_cases(
                operation,
                generation_modes=list(GenerationMode),
                generation_config=self.schema.config.generation,
            )
        )
        self.rng.shuffle(systematic)
        third = math.ceil(count / 3)
        found = systematic[:third]
        for mode in GenerationMode:
            found += generated(operation.as_strategy(generation_mode=mode), third, seed)
        self.rng.shuffle(found)
        yield from found[:count]

    # --- one request

    def _try(self, request: Request) -> None:
        if self.findings.made % TEND_EVERY == 0:
            self.ground.tend()
        raw = self.document["paths"][request.operation.path][request.operation.method.lower()]
        who = self._caller(raw)
        self._nudge(request, raw, who)
        options: Json = {"session": self.session, "timeout": 60, "allow_redirects": False}
        headers = {}
        if who == BACKEND:
            options["auth"] = Signature(self.stack)
        else:
            headers["Authorization"] = f"Bearer {self.ground.world.client.token(who)}"
        label = f"{request.method} {request.operation.path}"
        self.findings.made += 1
        try:
            answer = request.call(base_url=self.stack.api_url, headers=headers, **options)
        except (requests.RequestException, UnicodeError, ValueError) as error:
            self.findings.add(f"{label}: not sent, {type(error).__name__}", str(error)[:500])
            return
        self.findings.statuses[answer.status_code] += 1
        if answer.status_code < 300 and request.method.upper() == request.operation.method.upper():
            self.findings.accepted[label] += 1
        if who == BACKEND and answer.status_code == 403 and "AccessDeniedException" in answer.text:
            return  # The emulator's IAM itself refuses odd paths and methods, not in the gateway's words.
        try:
            request.validate_response(
                answer,
                headers=headers,
                transport_kwargs={"headers": headers, "base_url": self.stack.api_url, **options},
            )
        except FailureGroup as group:
            for failure in group.exceptions:
                if not (is_a_rule(failure, raw["operationId"], answer) or is_unsent(failure, request)):
                    kind = f"{label}: {answer.status_code}, {failure.title}"  # type: ignore[attr-defined]
                    self.findings.add(kind, f"as {who}: {str(group)[:3000]}")
        wrong = wrong_problem(raw, request, answer)
        if wrong:
            self.findings.add(f"{label}: {answer.status_code}, {wrong}", f"as {who}: {answer.text[:1500]}")

    def _caller(self, raw: Json) -> str:
        signed = raw["security"] == [{"SigV4": []}]
        usual = (BACKEND,) if signed else PEOPLE
        callers = raw["description"].partition(".")[0]
        fitting = [who for who in usual if signed or who.replace("_", " ") in callers] or list(usual)
        return self.rng.choice(fitting if self.rng.random() < 0.85 else PEOPLE)

    def _nudge(self, request: Request, raw: Json, who: str) -> None:
        """Only what is well formed is moved towards something that exists."""
        meta, rng = request.meta, self.rng
        assert meta is not None
        writes_orders = raw["operationId"] == "put_order"
        if not meta.is_negative_at(ParameterLocation.PATH) and not writes_orders:
            for name in request.path_parameters or {}:
                known = self.ground.path_id(name, "Claim" if who == "case_manager" else raw["tags"][0], rng)
                if known is not None:
                    request.path_parameters[name] = known
        if not meta.is_negative_at(ParameterLocation.QUERY) and rng.random() < 0.8:
            request.query.pop("page_token", None)
        if not meta.is_negative_at(ParameterLocation.HEADER):
            for name in [name for name in ("Idempotency-Key", "If-Match") if name in request.headers]:
                value = self.ground.header(name, request.headers[name], rng)
                if value is None:
                    del request.headers[name]
                else:
                    request.headers[name] = value
        if not meta.is_negative_at(ParameterLocation.BODY) and isinstance(request.body, dict | list):
            request.body = self.ground.body(request.body, rng)


def generated(strategy: Any, count: int, seed: int) -> list[Request]:
    """So many requests of the strategy, the same ones for the same seed."""
    found: list[Request] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(request=strategy)
    def collect(request: Request) -> None:
        found.append(request)

    try:
        collect()
    except Unsatisfiable:
        # A call that takes nothing but free text has no request that is wrong.
        assert not found
    return found[:count]


def is_a_rule(failure: Exception, operation_id: str, answer: Any) -> bool:
    """What no schema can say: a named rule, one of BEYOND_SCHEMAS, or a parameter of BY_CALLER."""
    if not isinstance(failure, RejectedPositiveData) or answer.status_code != 400:
        return False
    problem = answer.json()
    codes = {error["code"] for error in problem.get("errors", [])}
    parameters = {error.get("parameter") for error in problem.get("errors", [])}
    by_caller = parameters & BY_CALLER.get(operation_id, frozenset())
    return "rule" in problem or bool(codes & BEYOND_SCHEMAS or by_caller)


def is_unsent(failure: Exception, request: Request) -> bool:
    """A malformed parameter that is an empty list or object is not on the wire at all."""
    return isinstance(failure, AcceptedNegativeData) and any(v in ([], {}) for v in request.query.values())


def wrong_problem(raw: Json, request: Request, answer: Any) -> str | None:
    """What a refusal lacks: its own media type, a documented code and rule, and with 400 the field."""
    undeclared = request.method.upper() != request.operation.method.upper()
    if answer.status_code < 400:
        taken = undeclared and request.method.upper() != "OPTIONS"
        return f"{request.method} is not declared, and taken" if taken else None
    if answer.headers.get("content-type") != [PROBLEM]:
        return f"not {PROBLEM}"
    problem = answer.json()
    if problem["status"] != answer.status_code:
        return "another status in the document"
    if undeclared:
        # The gateway knows some methods under no path: TRACE is a call without a signature to it.
        right = {"METHOD_NOT_ALLOWED", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"}
        return None if problem["code"] in right else f"{request.method}: {problem['code']}"
    documented = raw["responses"].get(str(answer.status_code), {}).get("x-problems", [])
    if not any(
        problem["code"] == row["code"] and problem.get("rule") == row.get("rule") for row in documented
    ):
        return f"undocumented {problem['code']} {problem.get('rule')}"
    if answer.status_code == 400 and not problem.get("errors"):
        return "names no field"
    return None
