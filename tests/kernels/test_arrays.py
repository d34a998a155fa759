import numpy as np
import pytest

from syntony.kernels import _arrays


def test_a_kernel_runs_where_nothing_can_be_cached(monkeypatch):
    real = _arrays.njit

    def no_place(*, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(_arrays, "njit", no_place)
    assert _arrays.kernel(lambda v: v + 1)(1) == 2


def test_the_input_stays_writable():
    v = np.zeros(4)
    seen = _arrays.readonly(v)
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 1.0
    v[0] = 1.0
    assert seen[0] == 1.0
