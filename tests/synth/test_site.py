"""The pages as they are deployed: who reads the files, what a page may do, what leads to the API, who publishes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.pages import build_pages
from infra.stages import STAGES
from tests.synth.assembly import PUBLISHER, Synthesis, listed
from tests.synth.settings import SITE_CERTIFICATE

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)
LANGUAGES = ("ar", "es", "fr", "pt-BR", "ru")


def _distribution(synthesis: Synthesis) -> dict[str, Any]:
    (found,) = synthesis.of("AWS::CloudFront::Distribution").values()
    config: dict[str, Any] = found["Properties"]["DistributionConfig"]
    return config


def _headers(synthesis: Synthesis, behaviour: dict[str, Any]) -> dict[str, Any]:
    policy = synthesis.resources[behaviour["ResponseHeadersPolicyId"]["Ref"]]
    headers: dict[str, Any] = policy["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return headers


def _policy(synthesis: Synthesis) -> dict[str, str]:
    text = _headers(synthesis, _distribution(synthesis)["DefaultCacheBehavior"])["ContentSecurityPolicy"]
    words = synthesis.readable(text["ContentSecurityPolicy"])
    directives = (directive.partition(" ") for directive in words.split("; "))
    return {name: values for name, _, values in directives}


@pytest.mark.parametrize("stage", ALL)
def test_a_page_may_load_only_itself_and_no_script_is_made_from_text(
    synthesise: Synthesise, stage: str
) -> None:
    policy = _policy(synthesise(stage))

    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["trusted-types"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(policy)


def test_a_page_calls_its_own_host_both_sign_ins_and_the_evidence(prod: Synthesis) -> None:
    policy = _policy(prod)
    own, people, team, evidence = policy["connect-src"].split(" ")

    assert own == "'self'"
    assert people.startswith("https://buyer-protection-prod-people-")
    assert team.startswith("https://buyer-protection-prod-team-")
    assert evidence == "https://EvidenceBucket.s3.<AWS::Region>.<AWS::URLSuffix>"
    assert policy["img-src"] == f"'self' blob: {evidence}"
    assert policy["media-src"] == evidence


@pytest.mark.parametrize("stage", ALL)
def test_pages_and_answers_are_not_sniffed_framed_or_referred(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    config = _distribution(synthesis)
    for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        headers = _headers(synthesis, behaviour)
        assert headers["ContentTypeOptions"] == {"Override": True}
        assert headers["ReferrerPolicy"] == {"Override": True, "ReferrerPolicy": "no-referrer"}
        assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
        assert "frame-ancestors 'none'" in str(headers["ContentSecurityPolicy"])


def test_pages_of_shops_may_load_files_and_the_api_says_for_itself_who_may_call(prod: Synthesis) -> None:
    config = _distribution(prod)
    (api,) = config["CacheBehaviors"]
    policies = [
        prod.resources[it["ResponseHeadersPolicyId"]["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
        for it in (config["DefaultCacheBehavior"], api)
    ]

    assert policies[0]["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert policies[0]["CorsConfig"]["AccessControlAllowCredentials"] is False
    assert "CorsConfig" not in policies[1]


@pytest.mark.parametrize("stage", ALL)
def test_the_api_is_behind_the_same_host_and_is_never_cached_or_shown_as_a_page(
    synthesise: Synthesise, stage: str
) -> None:
    config = _distribution(synthesise(stage))
    (api,) = config["CacheBehaviors"]

    assert api["PathPattern"] == "/v1/*"
    assert set(api["AllowedMethods"]) >= {"GET", "POST", "PUT", "DELETE", "OPTIONS"}
    # AWS's own: CachingDisabled, and everything of the viewer's but the host.
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert "CustomErrorResponses" not in config


def test_the_api_is_reached_over_tls(prod: Synthesis) -> None:
    (api,) = (it for it in _distribution(prod)["Origins"] if "CustomOriginConfig" in it)

    assert prod.readable(api["DomainName"]).endswith(".execute-api.<AWS::Region>.<AWS::URLSuffix>")
    assert api["OriginPath"] == "/prod"
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


@pytest.mark.parametrize("stage", ALL)
def test_only_the_distribution_reads_the_files_and_only_the_publisher_writes_them(
    synthesise: Synthesise, stage: str
) -> None:
    template = synthesise(stage).template("Site")
    (policy,) = (it for it in template["Resources"].values() if it["Type"] == "AWS::S3::BucketPolicy")
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    allowed = [it for it in statements if it["Effect"] == "Allow"]

    assert [(it["Action"], it["Principal"]) for it in allowed] == [
        ("s3:GetObject", {"Service": "cloudfront.amazonaws.com"})
    ]
    assert "AWS:SourceArn" in allowed[0]["Condition"]["StringEquals"]


def test_the_publisher_reads_one_archive_and_writes_one_bucket(prod: Synthesis) -> None:
    (function,) = (
        it
        for it in prod.of("AWS::Lambda::Function").values()
        if it["Properties"]["FunctionName"].endswith(f"-{PUBLISHER}")
    )
    role = prod.resources[function["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
    (document,) = (it["PolicyDocument"] for it in role["Policies"])
    grants = {
        (action, str(it["Resource"])) for it in document["Statement"] for action in listed(it["Action"])
    }

    assert "ManagedPolicyArns" not in role
    assert {action for action, _ in grants} == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert all(resource != "*" for _, resource in grants)


def test_the_shops_own_host_needs_a_certificate(own: Synthesis, prod: Synthesis) -> None:
    pages = _distribution(own)

    assert pages["Aliases"] == ["shop.example.com"]
    assert pages["ViewerCertificate"]["AcmCertificateArn"] == SITE_CERTIFICATE
    assert pages["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert "Aliases" not in _distribution(prod)


def test_the_pages_know_both_pools_and_come_back_to_the_callbacks_of_their_clients(prod: Synthesis) -> None:
    (published,) = prod.of("Custom::Pages").values()
    config = json.loads(prod.readable(published["Properties"]["Config"]))
    clients = [it["Properties"] for it in prod.of("AWS::Cognito::UserPoolClient").values()]

    assert {it["callback"] for it in config["pools"].values()} == {it["CallbackURLs"][0] for it in clients}
    assert {it["home"] for it in config["pools"].values()} == {it["LogoutURLs"][0] for it in clients}


def test_the_element_is_named_with_its_digest(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pages")
    build_pages(folder)
    named = json.loads((folder / "embed.json").read_text(encoding="utf-8"))
    script = (folder / named["src"].lstrip("/")).read_bytes()

    digest = base64.b64encode(hashlib.sha384(script).digest()).decode()
    assert named["integrity"] == f"sha384-{digest}"
    assert len(gzip.compress(script)) <= 40_000
    beside = {path.name for path in (folder / named["src"].lstrip("/")).parent.iterdir()}
    assert beside == {"case.js", "ar.json", "es.json", "fr.json", "pt-BR.json", "ru.json"}


@pytest.mark.parametrize("area", ["team", "operators"])
def test_only_its_readers_load_the_files_of_an_area(
    tmp_path_factory: pytest.TempPathFactory, area: str
) -> None:
    """Everybody else loads one script, one style and one language; with an area's own it is 60 KB at most."""
    folder = tmp_path_factory.mktemp("pages")
    build_pages(folder)
    page = (folder / "index.html").read_text(encoding="utf-8")
    packed = {path.name: len(gzip.compress(path.read_bytes())) for path in (folder / "assets").iterdir()}
    loaded = set(re.findall(r'(?:src|href)="/assets/([^"]+)"', page))
    own = {name for name in packed if f"{area}-" in name}
    texts = [
        packed[name] + sum(packed[one] for one in packed if one.startswith(f"{tag}-{area}-"))
        for name in packed
        if (tag := name.rpartition("-")[0]) in LANGUAGES
    ]

    assert {Path(name).suffix for name in loaded} == {".js", ".css"}
    assert len(loaded) == 2
    assert len(own) == 1 + len(LANGUAGES)
    assert not loaded & own
    assert len(texts) == len(LANGUAGES)
    scripts_and_style = sum(packed[name] for name in loaded | own if not name.endswith(".json"))
    assert scripts_and_style + max(texts) <= 60_000


def test_the_build_names_what_it_is_made_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pages")
    build_pages(folder)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assets = {path.name for path in (folder / "assets").iterdir()}

    assert assets
    assert all(f"/assets/{name}" in page for name in assets)
    assert "{{config}}" in page
    # What a first load takes, in bytes as they travel.
    largest = {".js": 40_000, ".css": 6_000, ".json": 8_000}
    # The runbook is read when an operator asks for it.
    for name in (name for name in assets if not name.startswith("runbook-")):
        packed = len(gzip.compress((folder / "assets" / name).read_bytes()))
        assert packed <= largest[Path(name).suffix], (name, packed)
