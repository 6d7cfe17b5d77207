"""The CDK application. It reads the table of actions, which lies in the layer: pure, standard library only."""

import sys

from infra.paths import OWN_LAYER

sys.path.append(str(OWN_LAYER / "python"))
