"""What the templates of all stages hold.

The CDK's own reading of each template is a quarter of a synthesis, and `make lint-templates` has it for every stage.
The CDK takes this setting when it is first imported, hence here.
"""

import os

os.environ["CDK_VALIDATION"] = "false"
