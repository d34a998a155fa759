"""One file per format, and the study folder."""

from syntony.io import intervals as intervals
from syntony.io import tables as tables
