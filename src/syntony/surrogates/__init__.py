"""What chance alone would give: one file per family of surrogates."""

from syntony.surrogates import autoregressive, codes, events, partners, segments, shift, spectrum

__all__ = ["autoregressive", "codes", "events", "partners", "segments", "shift", "spectrum"]
