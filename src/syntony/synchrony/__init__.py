"""How strongly two people move together: one file per family of methods."""

from syntony.synchrony import coherence as coherence
from syntony.synchrony import correlation as correlation
from syntony.synchrony import red_noise as red_noise
from syntony.synchrony import slopes as slopes
from syntony.synchrony import wavelet as wavelet
