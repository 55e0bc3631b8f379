"""Words that say something about expressions, in English and German."""

import re

from facecam.types import EXPRESSIONS

_ENGLISH = ("expressions?", "emotions?", "valence", "mood", "readings?", "unclear", *EXPRESSIONS)
_GERMAN = (
    "verärgert",
    "wütend",
    "Ekel",
    "angeekelt",
    "Angst",
    "ängstlich",
    "fröhlich",
    "traurig",
    "überrascht",
    "Überraschung",
    "unklar",
)
_GERMAN_STEMS = ("ausdruck", "ausdrück", "gefühl", "mimik", "valenz", "stimmung")
_WORDS = re.compile(rf"\b({'|'.join((*_ENGLISH, *_GERMAN))})\b|{'|'.join(_GERMAN_STEMS)}", re.IGNORECASE)


def words_about_expressions(text: str) -> list[str]:
    """Return the words of a text that say something about expressions."""
    return [found[0] for found in _WORDS.finditer(text)]
