"""Recipe: everything that decides a result, one file for each part of the chain."""

from syntony.config.agreement import Agreement
from syntony.config.body import Beats, Body, Eda, EdaQuality, Grid
from syntony.config.chance import Corpus, Stretches, Surrogate
from syntony.config.joined import Joined
from syntony.config.link import Emotion, Empathy, Moments
from syntony.config.models import Model
from syntony.config.part import Hertz, Part, Seconds, Share
from syntony.config.questionnaires import Definition, Questionnaires, ScaleDefinition
from syntony.config.ratings import RatedPair, Ratings
from syntony.config.reading import read_part, read_recipe
from syntony.config.recipe import Recipe, Step
from syntony.config.sequences import Sequences

__all__ = [
    "Agreement",
    "Beats",
    "Body",
    "Corpus",
    "Definition",
    "Eda",
    "EdaQuality",
    "Emotion",
    "Empathy",
    "Grid",
    "Hertz",
    "Joined",
    "Model",
    "Moments",
    "Part",
    "Questionnaires",
    "RatedPair",
    "Ratings",
    "Recipe",
    "ScaleDefinition",
    "Seconds",
    "Sequences",
    "Share",
    "Step",
    "Stretches",
    "Surrogate",
    "read_part",
    "read_recipe",
]
