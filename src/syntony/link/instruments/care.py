"""Consultation and Relational Empathy measure (CARE): how a patient was met."""

from syntony.link.instruments.registry import Scale, instrument

CARE = instrument(
    name="care",
    title="Consultation and Relational Empathy measure (CARE)",
    low=1,
    high=5,
    scales=(
        Scale(
            name="relational_empathy",
            items=tuple(f"care{k:02d}" for k in range(1, 11)),
            combine="sum",
            max_missing=2,
        ),
    ),
    cites=("Mercer2004",),
    wording="licensed",
    source=(
        'Ten items from 1 (poor) to 5 (excellent), summed to 10 to 50; up to two missing or "does '
        "not apply\" take the mean of the others: as the University of Glasgow's description of "
        "the measure is quoted by two public collections (sites.google.com/site/"
        'empathytraininglitreview, emerge.ucsd.edu). Leave "does not apply" empty.'
    ),
)
