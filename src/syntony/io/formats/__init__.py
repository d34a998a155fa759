"""Files of recorders and their programs: one file per format, each with a ``reader``."""

from syntony.io.formats import biopac as biopac
from syntony.io.formats import edf as edf
from syntony.io.formats import embraceplus as embraceplus
from syntony.io.formats import emotibit as emotibit
from syntony.io.formats import kubios as kubios
from syntony.io.formats import labchart as labchart
from syntony.io.formats import matlab as matlab
from syntony.io.formats import mindware as mindware
from syntony.io.formats import movesense as movesense
from syntony.io.formats import opensignals as opensignals
from syntony.io.formats import opensignals_h5 as opensignals_h5
from syntony.io.formats import polar as polar
from syntony.io.formats import qsensor as qsensor
from syntony.io.formats import shimmer as shimmer
from syntony.io.formats import snirf as snirf
from syntony.io.formats import unisens as unisens
from syntony.io.formats import wfdb as wfdb
