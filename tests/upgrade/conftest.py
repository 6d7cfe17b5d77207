"""The crash matrix's world."""

from tests.crash.conftest import world

__all__ = ["world"]
