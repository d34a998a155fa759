"""A made-up scale of closeness, scored as a mean, for examples and tests."""

from syntony.link.instruments.registry import Scale, instrument

DEMO_CLOSENESS = instrument(
    name="demo_closeness",
    title="Demonstration scale of closeness (made up, for examples only)",
    low=1,
    high=7,
    scales=(
        Scale(
            name="closeness",
            items=("c1", "c2", "c3", "c4"),
            reverse=frozenset({"c3"}),
            max_missing=1,
        ),
    ),
    cites=(),
    wording="free",
)
