"""Recipe: everything that decides a result, one file for each part of the chain."""

from syntony.config.body import Beats, Body, Eda, EdaQuality, Grid
from syntony.config.chance import Corpus, Stretches, Surrogate
from syntony.config.link import Emotion, Empathy, Moments
from syntony.config.models import Model
from syntony.config.part import Hertz, Part, Seconds, Share
from syntony.config.reading import read_part, read_recipe
from syntony.config.recipe import Recipe, Step

__all__ = [
    "Beats",
    "Body",
    "Corpus",
    "Eda",
    "EdaQuality",
    "Emotion",
    "Empathy",
    "Grid",
    "Hertz",
    "Model",
    "Moments",
    "Part",
    "Recipe",
    "Seconds",
    "Share",
    "Step",
    "Stretches",
    "Surrogate",
    "read_part",
    "read_recipe",
]
