"""Models that join synchrony to what people said: one file per model, one list."""

from syntony.link.models import (
    apim,
    growth,
    mediation,
    next_session,
    quadratic,
    response_surface,
    stability_influence,
    threshold,
    within_between,
)

__all__ = [
    "apim",
    "growth",
    "mediation",
    "next_session",
    "quadratic",
    "response_surface",
    "stability_influence",
    "threshold",
    "within_between",
]
