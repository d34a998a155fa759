"""Files of recorders and their programs: one file per format, each with a ``reader``."""

from syntony.io.formats import biopac as biopac
from syntony.io.formats import edf as edf
from syntony.io.formats import embraceplus as embraceplus
from syntony.io.formats import opensignals as opensignals
from syntony.io.formats import opensignals_h5 as opensignals_h5
from syntony.io.formats import qsensor as qsensor
from syntony.io.formats import shimmer as shimmer
