"""Where the real recordings and golden figures lie, and the mark that skips without them."""

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("SYNTONY_SHARED", Path(__file__).resolve().parents[1].parent / "shared")
)


def needs_shared(relative: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where this shared file or folder is absent."""
    return pytest.mark.skipif(
        not (SHARED / relative).exists(),
        reason=f"{relative} is not there: set SYNTONY_SHARED to the folder that holds it",
    )
