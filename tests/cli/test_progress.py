import os
import signal
from contextlib import suppress

import pytest

from syntony.cli.progress import progress


@pytest.fixture
def listening():
    """Listen to interrupts, which a process started in the background is told to ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_python_drops_stops_at_the_next_step(listening):
    with pytest.raises(KeyboardInterrupt), progress("sessions") as watch:  # noqa: PT012
        watch(1, 3)
        with suppress(KeyboardInterrupt):  # as it is dropped inside a callback from C
            os.kill(os.getpid(), signal.SIGINT)
        watch(2, 3)
        raise AssertionError("went on")
    assert signal.getsignal(signal.SIGINT) is listening
