"""The domain against the reference model (Q6): a short walk here, the whole by `make model`."""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from buyer_protection.domain.actions import GATES
from buyer_protection.domain.enums import Action
from buyer_protection.domain.transitions import TRANSITIONS
from tests.model.kept import KeptLife
from tests.model.life import Life
from tests.model.machine import WALKED
from tests.model.reference import WHO_AND_WHEN

pytestmark = pytest.mark.verify
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "600"))
WHOLE = 2000
STEPS = int(os.environ.get("MODEL_STEPS", "50"))
SEED = int(os.environ.get("MODEL_SEED", "20260310"))

# What lies beside a case and changes nothing of it, and a decision that another manager confirms.
OF_THE_DESK = {
    Action.WRITE_NOTE,
    Action.CONFIRM_DECISION,
    Action.REFUSE_DECISION,
    Action.WITHDRAW_DECISION,
}

BOUNDED = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    print_blob=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def test_r25_q6_the_domain_does_what_the_reference_model_does() -> None:
    WALKED.clear()
    rows = {(it.source, it.target, it.event) for it in TRANSITIONS if it.source is not None}
    walks = 0
    # A walk that never came to a row of the process has said nothing of it: a short one goes on, by other seeds.
    while walks == 0 or (rows - WALKED.keys() and walks * EXAMPLES < WHOLE):
        run_state_machine_as_test(seed(SEED + walks)(Life), settings=BOUNDED)
        walks += 1
    print(f"{walks * EXAMPLES} examples x {STEPS} steps, seed {SEED}: {WALKED.total()} changes of status")
    assert rows - WALKED.keys() == set()


def test_q6_the_model_knows_every_action() -> None:
    """What a new one does is a move in talks.py or model.py, in real.py and in life.py, and a row in reference.py."""
    changing = [action for action, gate in GATES.items() if not gate.is_read and action not in OF_THE_DESK]
    assert len(WHO_AND_WHEN) == len(changing), changing


def test_q6_what_the_domain_allows_the_stores_own_conditions_let_through() -> None:
    few = settings(BOUNDED, max_examples=max(1, EXAMPLES // 4))
    run_state_machine_as_test(seed(SEED)(KeptLife), settings=few)
