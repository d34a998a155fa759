"""Answers to questionnaires as survey programs export them."""

from syntony.io.answers import plain, qualtrics, redcap
from syntony.io.answers.registry import answer_readers, read_answers
from syntony.io.answers.value import AnswerRow, AnswerTable

__all__ = [
    "AnswerRow",
    "AnswerTable",
    "answer_readers",
    "plain",
    "qualtrics",
    "read_answers",
    "redcap",
]
