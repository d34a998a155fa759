"""Made files of formats, for the reader contract."""

SAMPLES = {}
