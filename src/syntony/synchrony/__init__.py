"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import amico1 as amico1
from syntony.synchrony import amico2 as amico2
from syntony.synchrony import coincidence as coincidence
from syntony.synchrony import correlation as correlation
from syntony.synchrony import slopes as slopes
from syntony.synchrony import warping as warping
