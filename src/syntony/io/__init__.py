"""One file per format, and the study folder."""

from syntony.io import bids as bids
from syntony.io import carma as carma
from syntony.io import empatica as empatica
from syntony.io import formats as formats
from syntony.io import intervals as intervals
from syntony.io import tables as tables
from syntony.io import xdf as xdf
