"""The seven values: checked when made, read-only, whole after pickling."""

import pickle

import numpy as np
import pytest

from syntony.core.coupling import Coupling
from syntony.core.errors import FileError, InputError, RecipeError
from syntony.core.events import Events
from syntony.core.seeds import rng_for
from syntony.core.session import Answers, Clock, Person, Session, Span
from syntony.core.signal import Signal


def signal(values, **changes):
    facts = {"rate_hz": 4.0, "start_s": 0.0, "unit": "uS", "kind": "eda", "person": "P01"}
    return Signal(values=values, **(facts | changes))


def test_arrays_of_a_value_are_read_only_copies():
    mine = np.array([1.0, 2.0])
    kept = signal(mine)
    mine[0] = 9.0
    assert kept.values[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        kept.values[0] = 2.0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rate_hz": 0.0}, "rate_hz=0.0: expected a finite number above 0 Hz"),
        ({"rate_hz": float("nan")}, "rate_hz"),
        ({"start_s": float("inf")}, "start_s"),
        ({"unit": ""}, "unit"),
    ],
)
def test_a_signal_without_its_facts_is_refused(changes, told):
    with pytest.raises(InputError, match=told):
        signal([1.0], **changes)


def test_infinite_and_many_dimensional_values_are_refused():
    with pytest.raises(InputError, match="Mark saturated samples as NaN"):
        signal([1.0, np.inf])
    with pytest.raises(InputError, match="one value per channel"):
        signal(np.zeros((2, 2)))


def test_between_keeps_samples_of_a_half_open_stretch():
    cut = signal(np.arange(12.0), start_s=1.0).between(1.5, 2.25)
    assert cut.values.tolist() == [2.0, 3.0, 4.0]
    assert cut.start_s == 1.5
    assert signal(np.arange(4.0)).between(9.0, 10.0).values.size == 0


def test_events_ascend_and_carry_one_value_each():
    with pytest.raises(InputError, match="event 2 before event 1"):
        Events(times_s=[0.0, 2.0, 1.0], kind="rr", person="P")
    with pytest.raises(InputError, match="one per event"):
        Events(times_s=[0.0, 1.0], values=[1.0], unit="ms", kind="rr", person="P")
    with pytest.raises(InputError, match="unit"):
        Events(times_s=[0.0], values=[1.0], kind="rr", person="P")


def test_a_session_knows_its_people():
    one, two = Person(id="P01", role="patient"), Person(id="T01", role="therapist")
    with pytest.raises(InputError, match="one of the session's people"):
        Session(id="s", people=(one,), signals=(signal([1.0], person="X"),))
    with pytest.raises(InputError, match="each person once"):
        Session(id="s", people=(one, one))
    with pytest.raises(InputError, match="one person with it"):
        Session(id="s", people=(one, two)).person("nurse")
    span = Span(label="positive", start_s=0.0, stop_s=1.0, person="P01", coder="kim")
    phase = Span(label="baseline", start_s=0.0, stop_s=1.0)
    both = Span(label="protest", start_s=0.0, stop_s=1.0, coder="kim")
    assert Session(id="s", people=(one,), spans=(span, phase, both)).codes == (span, both)


def test_values_survive_another_process():
    session = Session(
        id="s",
        people=(Person(id="P01", role="patient"),),
        signals=(signal([1.0, np.nan]),),
        clocks={"P01": Clock(offset_s=0.0, error_s=0.5, source="start stamps")},
        answers=(Answers(instrument="x", person="P01", items={"a": 1.0}),),
    )
    again = pickle.loads(pickle.dumps(session))
    assert np.array_equal(again.signals[0].values, [1.0, np.nan], equal_nan=True)
    assert again.answers[0].items["a"] == 1.0
    for error in (
        InputError("a", 1, "b", "c"),
        FileError("f", "x", "y", "z", line=3, column="eda"),
        RecipeError("f", "x", "y"),
    ):
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back)) == (type(error), str(error))


def test_a_coupling_has_the_shape_of_its_coordinates():
    with pytest.raises(InputError, match="shape of the coordinates"):
        Coupling(values=np.zeros((2, 3)), dims=("time", "lag"), coords={"time": [0, 1], "lag": [0]})
    c = Coupling(
        values=[[1.0, 2.0, 3.0]],
        dims=("time", "lag"),
        coords={"time": np.array([0.0]), "lag": np.array([-1.0, 0.0, 1.0])},
    )
    assert c.at_lag(0.9).tolist() == [3.0]
    assert c.to_frame().shape == (3, 3)


def test_streams_depend_on_the_path_alone():
    a = rng_for(1, "s01", "shift").standard_normal(3)
    rng_for(1, "s02", "shift").standard_normal(5)
    assert np.array_equal(a, rng_for(1, "s01", "shift").standard_normal(3))
    assert not np.array_equal(a, rng_for(1, "s01", "shif", "t").standard_normal(3))
    assert not np.array_equal(a, rng_for(2, "s01", "shift").standard_normal(3))
