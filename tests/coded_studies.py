"""Studies whose sessions two coders coded, with errors that are known."""

from dataclasses import replace

import numpy as np

from syntony.io.study_write import create_study, write_session
from syntony.simulate.study import demo_setup, make_study


def double_coded(root, *, dyads=8, minutes=8.0, wrong=0.1, both=None, shift_s=0.0):
    """Write a simulated study; coder2 looks again at the first ``both`` sessions."""
    create_study(root, title="double", roles=("patient", "therapist"), simulated=True, truth={})
    made = make_study(demo_setup(dyads=dyads, minutes=minutes))
    for k, session in enumerate(made.sessions):
        rng = np.random.default_rng([7, k])
        again = []
        if both is None or k < both:
            for span in session.codes:
                label = span.label
                if rng.random() < wrong:
                    label = str(
                        rng.choice([v for v in ("positive", "neutral", "negative") if v != label])
                    )
                again.append(
                    replace(
                        span,
                        label=label,
                        coder="coder2",
                        start_s=span.start_s + shift_s,
                        stop_s=span.stop_s + shift_s,
                    )
                )
        write_session(root, replace(session, spans=(*session.spans, *again)))
    return root
