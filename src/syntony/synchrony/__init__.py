"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import amplitude as amplitude
from syntony.synchrony import correlation as correlation
from syntony.synchrony import phase as phase
from syntony.synchrony import phase_lag as phase_lag
from syntony.synchrony import slopes as slopes
