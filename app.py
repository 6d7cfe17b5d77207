"""Entry point of `cdk synth` and `cdk deploy`: reads the stage from the context and writes the cloud
assembly.

Context: `stage` (local, dev, prod; default local), `day_seconds`, and what `infra.stages.from_context` names.
"""

import gc

from infra.application import build

# It is over in seconds; looking for garbage among its objects took a quarter of its time.
gc.disable()
build().synth()
