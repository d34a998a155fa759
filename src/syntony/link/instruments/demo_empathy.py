"""A made-up scale of perceived empathy for examples, simulated studies and tests."""

from syntony.link.instruments.registry import Scale, instrument

DEMO_EMPATHY = instrument(
    name="demo_empathy",
    title="Demonstration scale of perceived empathy (made up, for examples only)",
    low=-3,
    high=3,
    no_zero=True,
    scales=(
        Scale(
            name="empathic_understanding",
            items=tuple(f"e{k:02d}" for k in range(1, 17)),
            reverse=frozenset(f"e{k:02d}" for k in range(2, 17, 2)),
            combine="sum",
            max_missing=3,
        ),
    ),
    cites=(),
    wording="free",
)
