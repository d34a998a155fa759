import numpy as np

from syntony.core.arrays import frozen_array


def test_what_anybody_may_still_write_to_is_copied():
    owner = np.zeros((3, 2))
    view = owner.T
    view.flags.writeable = False
    kept = frozen_array("values", view, None)
    owner[0, 0] = 1.0
    assert kept[0, 0] == 0.0


def test_what_nobody_can_write_to_is_kept():
    owner = np.zeros((3, 2))
    owner.flags.writeable = False
    assert frozen_array("values", owner, None) is owner
    view = owner.T
    assert frozen_array("values", view, None) is view
