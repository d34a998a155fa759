"""Files of recorders and their programs: one file per format, each with a ``reader``."""

from syntony.io.formats import matlab as matlab
from syntony.io.formats import snirf as snirf
from syntony.io.formats import wfdb as wfdb
