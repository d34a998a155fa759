"""Every method on the list keeps every promise."""

import pytest

import syntony.synchrony  # noqa: F401  fills the list
from syntony.synchrony.registry import methods
from syntony.testing import METHOD_CHECKS


@pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", sorted(methods()))
def test_promise(name, check):
    check(methods()[name])
