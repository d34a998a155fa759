"""Toronto Empathy Questionnaire (TEQ)."""

from syntony.link.instruments.registry import Scale, instrument

TEQ = instrument(
    name="teq",
    title="Toronto Empathy Questionnaire (TEQ)",
    low=0,
    high=4,
    scales=(
        Scale(
            name="empathy",
            items=tuple(f"teq{k:02d}" for k in range(1, 17)),
            reverse=frozenset(f"teq{k:02d}" for k in (2, 4, 7, 10, 11, 12, 14, 15)),
            combine="sum",
            max_missing=3,
        ),
    ),
    cites=("Spreng2009",),
    wording="licensed",
    source=(
        "Sixteen items from 0 (never) to 4 (always), summed to 0 to 64, items 2, 4, 7, 10, 11, 12, "
        "14, 15 reversed: embrace-autism.com/toronto-empathy-questionnaire. Up to three missing "
        "items are our rule."
    ),
)
