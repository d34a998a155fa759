"""Session Rating Scale (SRS 3.0): four marks on lines of ten centimetres."""

from syntony.link.instruments.registry import Scale, instrument

SRS = instrument(
    name="srs",
    title="Session Rating Scale (SRS)",
    low=0,
    high=10,
    whole=False,
    scales=(
        Scale(
            name="alliance",
            items=("srs1", "srs2", "srs3", "srs4"),
            combine="sum",
        ),
    ),
    cites=("Duncan2003",),
    wording="licensed",
    source=(
        "Four lines of 10 cm, each measured from 0 to 10 and summed to 0 to 40, none reversed: "
        "corc.uk.net and myoutcomes.com agree. Its use needs a licence of the owners."
    ),
)
