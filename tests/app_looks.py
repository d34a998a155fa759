"""Themes and widths in which pages are looked at: two always, all four among the slow tests."""

import pytest

LOOKS = [
    ("light", 390),
    ("dark", 1440),
    pytest.param("dark", 390, marks=pytest.mark.slow),
    pytest.param("light", 1440, marks=pytest.mark.slow),
]
