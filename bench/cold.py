"""Q15 and Q16: what a cold start costs, from the built layers as Lambda mounts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from bench.figures import Line, milliseconds, paired_ratio
from bench.layers import Mounts
from bench.processes import Probe, function_environment, interleaved
from local.workspace import ROOT

ROUNDS = 17
SCAN_ROUNDS = 2
API_GATE, API_AIM = 1.6, 1.4
WORKER_GATE, WORKER_AIM = 1.8, 1.5
MAIL_GATE, MAIL_AIM = 2.0, 1.7
LAYER_GATE, LAYER_AIM = 1.10, 1.05

BARE, IMPORT, CLIENT = "an empty process", "import boto3", "boto3.client('dynamodb')"
# One of each kind: a read, a write without and with a body, the opening, the decision.
REPRESENTATIVE = (
    "get_dispute",
    "accept_request",
    "make_offer",
    "open_dispute",
    "decide_claim",
    "escalate_dispute",
)
_CONTEXT = "; ".join(
    (
        "from buyer_protection.composition import container",
        "container.get().context",
        "from buyer_protection.adapters.dynamodb.row import Row",
        "Row.connection().client",
    )
)
_CLIENTS = "from buyer_protection.adapters.aws.clients import client; [client(s) for s in {services}]"
# The workers, what each builds on its first event, and which other services it then calls.
_WORKERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "close_window": ("", ()),
    "open_mediation": ("", ()),
    "notify_parties": ("; container.get().mail_delivery", ("sesv2",)),
    "dispatch_changes": ("; container.get().stream_processor", ("stepfunctions", "sqs", "events")),
    "sweep_deadlines": ("; container.get().sweeper", ("stepfunctions", "sqs", "events")),
    "audit_cases": ("; container.get().auditor", ()),
    "receive_events": ("", ()),
    "receive_mail_events": ("; container.get().bounce_handler", ()),
    "verify_upload": ("; container.get().evidence_files", ("s3",)),
}
# The function that renders mails has a bar of its own.
_MAIL = "notify_parties"


def measure(mounts: Mounts, report: Callable[[str], None]) -> list[Line]:
    """Q15 and Q16 from the same interleaved rounds."""
    _warm(mounts)
    heaviest = _heaviest(mounts, report)
    apis = tuple(dict.fromkeys((*REPRESENTATIVE, heaviest)))
    references = [Probe(BARE, "pass"), Probe(IMPORT, "import boto3")]
    references.append(Probe(CLIENT, "import boto3; boto3.client('dynamodb')"))
    handlers = [_handler(name, mounts) for name in (*apis, *_WORKERS)]
    equipped = [_handler(name, mounts, equipped=True) for name, (_, more) in _WORKERS.items() if more]
    probes = [*references, *handlers, *equipped, *_variants(mounts)]
    taken = interleaved(probes, ROUNDS, lambda turn: report(f"fresh processes, round {turn + 1} of {ROUNDS}"))
    lines = [_reference(taken)]
    lines += [_q15(taken, name, API_GATE, API_AIM, "heaviest of all " * (name == heaviest)) for name in apis]
    for name in _WORKERS:
        gate, aim = (MAIL_GATE, MAIL_AIM) if name == _MAIL else (WORKER_GATE, WORKER_AIM)
        lines.append(_q15(taken, name, gate, aim, "worker "))
    lines += [_q15(taken, probe.name, None, None, "worker ") for probe in equipped]
    return lines + _q16(taken)


def _warm(mounts: Mounts) -> None:
    """Let the interpreter cache what it would find cached on Lambda (its own libraries, boto3), and the warm copy."""
    warm = _handler("open_dispute", mounts, where="warm", writes=True)
    plain = Probe("warming", "import boto3; boto3.client('dynamodb')", writes=True)
    interleaved([plain, warm], 2)
    interleaved([_handler(_MAIL, mounts, equipped=True, writes=True)], 1)


def _heaviest(mounts: Mounts, report: Callable[[str], None]) -> str:
    names = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    probes = [_handler(name, mounts) for name in names if name not in _WORKERS]
    say = f"looking for the heaviest of {len(probes)} handlers"
    taken = interleaved(probes, SCAN_ROUNDS, lambda turn: report(f"{say}, round {turn + 1} of {SCAN_ROUNDS}"))
    return max(taken, key=lambda name: median(taken[name]))


def _handler(
    name: str, mounts: Mounts, *, where: str = "built", equipped: bool = False, writes: bool = False
) -> Probe:
    builds, services = _WORKERS.get(name, ("", ()))
    code = f"import handler; {_CONTEXT}{builds}"
    if equipped:
        code += "; " + _CLIENTS.format(services=services)
    label = name + (f" with clients of {', '.join(services)}" if equipped else "")
    if where != "built":
        label = where
    paths = (ROOT / "functions" / name, getattr(mounts, where))
    return Probe(label, code, paths, function_environment(mounts), writes)


def _variants(mounts: Mounts) -> Sequence[Probe]:
    return [_handler("open_dispute", mounts, where=where) for where in ("warm", "bare")]


def _reference(taken: dict[str, list[float]]) -> Line:
    ratio = paired_ratio(taken[CLIENT], taken[IMPORT])
    return Line("Q15", f"reference: {CLIENT}", milliseconds(taken[CLIENT]), _imported(taken), ratio, "x")


def _q15(taken: dict[str, list[float]], name: str, gate: float | None, aim: float | None, kind: str) -> Line:
    ratio = paired_ratio(taken[name], taken[IMPORT])
    start = median(taken[BARE])
    net = (median(taken[name]) - start) / (median(taken[IMPORT]) - start)
    ours = f"{milliseconds(taken[name])}, {net:.2f} x without the interpreter's start"
    return Line("Q15", f"init of {kind}{name}", ours, _imported(taken), ratio, "x", gate, aim)


def _q16(taken: dict[str, list[float]]) -> list[Line]:
    built, warm, bare = (taken[name] for name in ("open_dispute", "warm", "bare"))
    against = f"warm folder {milliseconds(warm)}"
    return [
        Line(
            "Q16", "init from the built layer, open_dispute", milliseconds(built), against,
            paired_ratio(built, warm), "x", LAYER_GATE, LAYER_AIM,
        ),
        Line("Q16", "the same layer without .pyc files", milliseconds(bare), against, paired_ratio(bare, warm), "x"),
    ]  # fmt: skip


def _imported(taken: dict[str, list[float]]) -> str:
    return f"{IMPORT} {milliseconds(taken[IMPORT])}"
