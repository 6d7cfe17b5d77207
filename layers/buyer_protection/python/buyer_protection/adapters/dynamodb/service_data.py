"""The dependencies layer's own copy of botocore's data: only the services that the functions call.

botocore looks through the data of some four hundred services before it makes a client, which costs a cold start a
quarter of a bare `import boto3`. `infra/bundling.py` puts the few that are used into the layer as `aws_service_data`.
"""

from importlib.util import find_spec

from botocore.loaders import Loader
from botocore.session import Session

PACKAGE = "aws_service_data"


def prefer_layer_data(session: Session) -> bool:
    """Make the session read the layer's data alone; False, and botocore's own, where there is no such layer."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return False
    loader = Loader(
        extra_search_paths=list(spec.submodule_search_locations), include_default_search_paths=False
    )
    session.register_component("data_loader", loader)
    return True
