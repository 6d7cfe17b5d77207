"""The gateway as it is deployed: one document for calls, preflights and refusals, and the API's own domain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.domain.headers import EXPOSED_HEADERS
from infra.constructs import edge as edge_construct
from infra.constructs.gateway_responses import REFUSALS
from infra.routes import SPECS, Auth, Kind, specs_of
from infra.stages import STAGES, from_context
from tests.synth.assembly import BACKENDS_API, PEOPLES_API, Synthesis, api_of, body_of, readable
from tests.synth.settings import API_CERTIFICATE, DOMAIN, OWN

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)
APIS = {PEOPLES_API: Auth.PERSON, BACKENDS_API: Auth.SYSTEM}
VERBS = {"delete", "get", "head", "options", "patch", "post", "put"}


def _function(operation: dict[str, Any]) -> str:
    """The function that a call of the document goes to, by its construct's name."""
    found = re.search(
        r"functions/(\w+)\.Arn:live/invocations$", operation["x-amazon-apigateway-integration"]["uri"]
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize("api", APIS)
def test_every_path_has_its_preflight_which_asks_for_no_token(
    synthesise: Synthesise, stage: str, api: str
) -> None:
    paths = body_of(synthesise(stage), api)["paths"]

    rows = specs_of(STAGES[stage])
    assert set(paths) == {row.path for row in rows if row.is_at(APIS[api])} | {"/", "/{proxy+}"}
    for item in paths.values():
        assert item["options"]["security"] == []
        assert _function(item["options"]) == "PreflightFunction"


@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize("api", APIS)
def test_h9_what_is_no_call_reaches_no_function_but_the_one_for_preflights(
    synthesise: Synthesise, stage: str, api: str
) -> None:
    paths = body_of(synthesise(stage), api)["paths"]
    calls = {(row.path, row.method.lower()) for row in specs_of(STAGES[stage]) if row.is_at(APIS[api])}

    for path, item in paths.items():
        others = {method: operation for method, operation in item.items() if (path, method) not in calls}
        assert {_function(operation) for operation in others.values()} == {"PreflightFunction"}
        assert all(operation["security"] == [] for operation in others.values())
        # A wrong method of a path that is one, and any method of a path that is none.
        assert "x-amazon-apigateway-any-method" in others or set(others) == VERBS


@pytest.mark.parametrize("stage", ALL)
def test_h4_the_backends_api_has_its_calls_alone_each_of_them_signed(
    synthesise: Synthesise, stage: str
) -> None:
    body = body_of(synthesise(stage), BACKENDS_API)
    calls = {
        (row.path, row.method.lower()): row for row in SPECS if row.is_for_backend and row.kind is Kind.API
    }

    assert set(body["components"]["securitySchemes"]) == {"backend"}
    assert len(calls) > 10
    for (path, method), row in calls.items():
        operation = body["paths"][path][method]
        assert operation["security"] == [{"backend": []}]
        assert _function(operation) == f"{row.id.title().replace('_', '')}Function"
    unsigned = [it for item in body["paths"].values() for it in item.values() if not it["security"]]
    assert {_function(operation) for operation in unsigned} == {"PreflightFunction"}


@pytest.mark.parametrize("stage", ALL)
def test_h4_h9_each_api_says_of_itself_whose_it_is(synthesise: Synthesise, stage: str) -> None:
    """What the function for preflights says of a path's methods depends on it."""
    said = {
        readable(it["Properties"]["RestApiId"]): it["Properties"]["Variables"]
        for it in synthesise(stage).of("AWS::ApiGateway::Stage").values()
    }

    assert said == {api: {"callers": caller.value} for api, caller in APIS.items()}


@pytest.mark.parametrize("stage", ALL)
def test_every_call_goes_to_its_function_as_it_came(synthesise: Synthesise, stage: str) -> None:
    paths = body_of(synthesise(stage))["paths"]

    for row in (row for row in SPECS if row.kind is Kind.API):
        operation = paths[row.path][row.method.lower()]
        integration = operation["x-amazon-apigateway-integration"]
        assert _function(operation) == f"{row.id.title().replace('_', '')}Function"
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert {it["name"] for it in operation["parameters"]} == set(re.findall(r"\{(\w+)\}", row.path))


@pytest.mark.parametrize("stage", ALL)
def test_people_of_both_pools_are_let_in_by_one_authorizer(synthesise: Synthesise, stage: str) -> None:
    schemes = body_of(synthesise(stage))["components"]["securitySchemes"]
    authorizer = schemes["people"]["x-amazon-apigateway-authorizer"]

    assert authorizer == {
        "type": "cognito_user_pools",
        "providerARNs": ["PeoplePool.Arn", "TeamPool.Arn"],
    }
    assert schemes["people"]["x-amazon-apigateway-authtype"] == "cognito_user_pools"
    assert schemes["backend"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert {it["name"] for it in schemes.values()} == {"Authorization"}


@pytest.mark.parametrize("stage", ALL)
def test_nothing_that_an_import_overwrites_stands_beside_the_document(
    synthesise: Synthesise, stage: str
) -> None:
    """On AWS a changed document is imported in the mode `overwrite`: what stood beside it would be gone."""
    synthesis = synthesise(stage)

    for kind in ("Authorizer", "GatewayResponse", "Method", "Model", "RequestValidator", "Resource"):
        assert synthesis.of(f"AWS::ApiGateway::{kind}") == {}
    for name in APIS:
        _, api = api_of(synthesis, name)
        assert api["Properties"].get("Mode", "overwrite") == "overwrite"


@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize("api", APIS)
def test_h2_the_gateways_own_answers_are_problem_documents_that_every_page_may_read(
    synthesise: Synthesise, stage: str, api: str
) -> None:
    answers = body_of(synthesise(stage), api)["x-amazon-apigateway-gateway-responses"]

    assert set(answers) == {refusal.name for refusal in REFUSALS}
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(answers)
    for refusal in REFUSALS:
        answer = answers[refusal.name]
        headers = {
            name.removeprefix("gatewayresponse.header."): text.removeprefix("'").removesuffix("'")
            for name, text in answer["responseParameters"].items()
        }
        problem = json.loads(answer["responseTemplates"]["application/json"])
        assert answer["statusCode"] == str(problem["status"])
        assert problem.keys() == {"type", "title", "status", "code", "detail", "request_id"}
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Access-Control-Expose-Headers"].split(",") == list(EXPOSED_HEADERS)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" in headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert ("WWW-Authenticate" in headers) is (problem["status"] == 401)
        assert ("Retry-After" in headers) is (problem["status"] == 429)


@pytest.mark.parametrize("api", APIS)
def test_h9_answers_are_compressed_from_a_kilobyte_on(prod: Synthesis, api: str) -> None:
    assert body_of(prod, api)["x-amazon-apigateway-minimum-compression-size"] == 1_024


def test_a_changed_document_is_deployed(
    local: Synthesis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document without a new deployment would be imported and never served; the emulator does not notice.

    That the same document is no new deployment is shown where all templates are always alike (`test_synthesis.py`).
    """

    def deployed(synthesis: Synthesis) -> tuple[str, str]:
        (stage,) = (
            it["Properties"]
            for it in synthesis.of("AWS::ApiGateway::Stage").values()
            if readable(it["Properties"]["RestApiId"]) == PEOPLES_API
        )
        (deployment,) = (
            id
            for id, it in synthesis.of("AWS::ApiGateway::Deployment").items()
            if readable(it["Properties"]["RestApiId"]) == PEOPLES_API
        )
        return deployment, stage["DeploymentId"]["Ref"]

    published = edge_construct.gateway_body

    def without_delete(*arguments: Any) -> dict[str, Any]:
        body = published(*arguments)
        for item in body["paths"].values():
            item.pop("delete", None)
        return body

    monkeypatch.setattr(edge_construct, "gateway_body", without_delete)
    before, changed = deployed(local), deployed(Synthesis.written(tmp_path, stage="local"))

    assert before[0] != changed[0]
    assert changed[0] == changed[1]


# --- the API's own domain ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "base_path", "address"),
    [
        (DOMAIN, None, "https://api.shop.example.com"),
        (OWN, "protection", "https://api.shop.example.com/protection"),
    ],
    ids=["domain", "base path"],
)
def test_i8_the_api_is_served_at_its_own_domain_where_one_is_set(
    synthesise: Synthesise, settings: dict[str, str], base_path: str | None, address: str
) -> None:
    synthesis = synthesise("prod", **settings)
    (domain,) = (it["Properties"] for it in synthesis.of("AWS::ApiGateway::DomainName").values())
    (mapping,) = (
        it["Properties"]
        for it in synthesis.of("AWS::ApiGateway::BasePathMapping").values()
        if readable(it["Properties"]["RestApiId"]) == PEOPLES_API
    )

    assert domain["DomainName"] == "api.shop.example.com"
    assert domain["RegionalCertificateArn"] == API_CERTIFICATE
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert mapping.get("BasePath") == base_path
    assert readable(mapping["Stage"]) == "EdgeApiDeploymentStageprod"
    outputs = {
        name: it["Value"]
        for part in synthesis.templates.values()
        for name, it in part.get("Outputs", {}).items()
    }
    assert outputs["ApiUrl"] == address
    assert {name for name in outputs if "DomainTarget" in name} != set()


def test_h4_the_backends_api_has_a_base_path_of_its_own_at_the_domain(own: Synthesis) -> None:
    mappings = {
        it["Properties"]["BasePath"]: readable(it["Properties"]["RestApiId"])
        for it in own.of("AWS::ApiGateway::BasePathMapping").values()
    }
    outputs = own.templates["Edge"]["Outputs"]

    assert mappings == {"protection": PEOPLES_API, "protection-backend": BACKENDS_API}
    assert outputs["BackendApiUrl"]["Value"] == "https://api.shop.example.com/protection-backend"


@pytest.mark.parametrize("stage", ALL)
def test_no_stage_has_a_domain_unless_one_is_set(synthesise: Synthesise, stage: str) -> None:
    assert synthesise(stage).of("AWS::ApiGateway::DomainName") == {}


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"api_domain": "api.shop.example.com"}, "needs api_certificate_arn"),
        ({"api_certificate_arn": API_CERTIFICATE}, "go with api_domain"),
        ({"api_base_path": "protection"}, "go with api_domain"),
        (DOMAIN | {"api_domain": "https://api.shop.example.com"}, "the name of a host"),
        (DOMAIN | {"api_base_path": "a/b"}, "one step of a path"),
        (DOMAIN | {"api_backend_base_path": "shop"}, "needs another api_base_path"),
        (DOMAIN | {"api_base_path": "a", "api_backend_base_path": "a"}, "needs another api_base_path"),
    ],
)
def test_settings_of_a_domain_that_cannot_work_are_refused(settings: dict[str, str], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        from_context({"stage": "prod", **settings}.get)
