"""Positive and Negative Affect Schedule (PANAS)."""

from syntony.link.instruments.registry import Scale, instrument

_POSITIVE = (1, 3, 5, 9, 10, 12, 14, 16, 17, 19)

PANAS = instrument(
    name="panas",
    title="Positive and Negative Affect Schedule (PANAS)",
    low=1,
    high=5,
    scales=(
        Scale(
            name="positive_affect",
            items=tuple(f"panas{k:02d}" for k in _POSITIVE),
            combine="sum",
            max_missing=1,
        ),
        Scale(
            name="negative_affect",
            items=tuple(f"panas{k:02d}" for k in range(1, 21) if k not in _POSITIVE),
            combine="sum",
            max_missing=1,
        ),
    ),
    cites=("Watson1988",),
    wording="licensed",
    source=(
        "Item numbers of both scales as in github.com/davhunt/instruments (panas/readme.md), in "
        "the usual order of the 20 words (github.com/nivlab/nivturk-templates, "
        "questionnaires/panas), five answers, none reversed; they agree. One missing item a scale "
        "is our rule."
    ),
)
