"""`python -m tools.document`: see `checks`."""

import sys

from tools.document.checks import main

if __name__ == "__main__":
    sys.exit(main())
