"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import correlation as correlation
from syntony.synchrony import elastic as elastic
from syntony.synchrony import peaks as peaks
from syntony.synchrony import slopes as slopes
