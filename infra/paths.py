"""Where things lie in the repository, relative to this file."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
OWN_LAYER = ROOT / "layers" / "buyer_protection"
DEPENDENCIES = ROOT / "layers" / "dependencies"
PICTURES = ROOT / "layers" / "pictures"
# A folder for each language but English, in which the texts are written.
MAIL_TEXTS = OWN_LAYER / "python" / "buyer_protection" / "adapters" / "mail" / "locale"
