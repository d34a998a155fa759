"""Two arrays in, synchrony beside chance out; no files."""

import numpy as np

import syntony as sy
from syntony.simulate.session import make_session
from syntony.simulate.study import demo_setup


def main() -> None:
    session, truth = make_session(demo_setup(dyads=1, minutes=25.0), 1, 1)
    patient, therapist = (s.between(5.0, 1495.0) for s in session.signals)
    n = min(patient.values.size, therapist.values.size)
    found = sy.analyse(
        np.asarray(patient.values[:n]),
        np.asarray(therapist.values[:n]),
        rate_hz=4.0,
        kind="eda",
        unit="uS",
        roles=("patient", "therapist"),
    )
    print(found.table()[["method", "statistic", "value", "low", "high", "p_two"]].to_string())
    print(f"planted share of common responses: {truth['share']:.2f}")


if __name__ == "__main__":
    main()
