"""Every code that the code base returns has a text, and the texts have one form."""

from __future__ import annotations

import ast
import copy
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import facecam
from facecam.errors import CameraError, GalleryError
from facecam.messages import (
    MESSAGES,
    SYSTEM_REASONS,
    TranslatableText,
    caption,
    caption_with_code,
    count_of,
    join_texts,
    sentence,
    system_text,
)

DEFINING_PACKAGES = ("recognition", "enrollment", "gallery")
NOT_SHOWN = {"ok", "_distances", "embeddings", "gate", "reason", "err", "strerror", "consent_withdrawn"}
"""Success, and names of files, folders, log columns, keys and attributes."""
GERMAN = {
    "{path} cannot be read: {error}": "{path} kann nicht gelesen werden: {error}",
    "the gallery is damaged: {error}": "die Galerie ist beschädigt: {error}",
    "camera {number}": "Kamera {number}",
    "No space left on device": "Auf dem Datenträger ist kein Platz mehr",
}
CODE_ARGUMENTS = {"CacheEntry": 0, "skipped_decision": 0} | dict.fromkeys(
    ("Decision", "withhold_name", "_unsure", "Problem", "PhotoFinding"), 1
)
"""Position of the code among the arguments of these calls."""


def codes_in(path: Path) -> Iterator[str]:
    """Yield the codes in a module's source: its constants, and literals that are passed on as a code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes: list[ast.expr] = []
    if path.parent.name in DEFINING_PACKAGES:
        nodes += [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper()]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "PoseHint":
            nodes += [line.value for line in node.body if isinstance(line, ast.Assign)]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            place = CODE_ARGUMENTS.get(called, len(node.args))
            nodes += node.args[place : place + 1] + (node.args[-2:] if called == "GateCheck" else [])
            nodes += [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
            nodes.append(node.value)
    for part in (part for node in nodes for part in ast.walk(node)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.fullmatch(r"[a-z_]+", part.value):
            yield part.value


def test_every_code_has_a_text_and_every_text_a_code() -> None:
    codes = {code for path in Path(facecam.__file__).parent.rglob("*.py") for code in codes_in(path)}

    assert codes - NOT_SHOWN == set(MESSAGES) - {""}


def test_every_text_is_part_of_a_sentence() -> None:
    for message in MESSAGES.values():
        for text in (message.caption, message.advice):
            assert text == text.strip(" .")
            assert text[:1].islower() or not text


def test_a_sentence_says_what_is_wrong_and_what_to_do() -> None:
    assert (caption("dark"), caption_with_code("dark")) == ("too dark", "too dark (dark)")
    assert sentence("dark") == "Too dark: turn on a light in front of you."
    assert sentence("no_face", lambda text: f"<{text}>") == "<no face found>: <move in front of the camera>."


def test_an_unknown_code_is_shown_in_words() -> None:
    assert (caption("of_the_future"), sentence("of_the_future")) == ("of the future", "Of the future.")


def german(text: str) -> str:
    assert isinstance(text, TranslatableText)
    return text.translated(lambda template: GERMAN.get(template, template))


def test_an_error_is_translated_with_the_errors_in_it() -> None:
    reading = CameraError("{path} cannot be read: {error}", path=Path("a.mp4"), error=OSError(errno.ENOSPC, "x"))
    error = GalleryError("the gallery is damaged: {error}", error=reading)

    assert str(error) == "the gallery is damaged: a.mp4 cannot be read: x"
    assert german(error.text) == "die Galerie ist beschädigt: a.mp4 kann nicht gelesen werden: x"


def test_the_reason_of_a_system_error_is_translated_without_its_path() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.mp4")

    assert system_text(error) == "No space left on device"
    assert german(system_text(error)) == "Auf dem Datenträger ist kein Platz mehr"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other words")
@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="macOS has other words")
def test_system_reasons_are_those_of_linux() -> None:
    assert {number: os.strerror(number) for number in SYSTEM_REASONS} == SYSTEM_REASONS


def test_joined_texts_are_translated_one_by_one() -> None:
    joined = join_texts(", ", [TranslatableText("camera {number}", number=0), "door.mp4"])

    assert (joined, german(joined)) == ("camera 0, door.mp4", "Kamera 0, door.mp4")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "fault", "no faults"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
        (1, "person", "1 person"),
        (3, "enrolled person", "3 enrolled people"),
    ],
)
def test_a_number_has_its_noun_in_the_right_form(number: int, noun: str, text: str) -> None:
    assert count_of(number, noun) == text


def test_braces_in_a_text_without_values_stay() -> None:
    assert german(TranslatableText("{path} is a folder")) == "{path} is a folder"


def test_a_text_keeps_the_words_of_an_error_but_not_its_traceback() -> None:
    text = TranslatableText("{path} cannot be read: {error}", path="a.mp4", error=ValueError("damaged"))

    assert text.values == {"path": "a.mp4", "error": "damaged"}


def test_a_text_survives_copying_and_json() -> None:
    inner = TranslatableText("camera {number}", number=1)
    text = TranslatableText("{path} cannot be read: {error}", path=Path("a.mp4"), error=inner)

    for same in (
        copy.deepcopy(text),
        copy.copy(text),
        TranslatableText.from_json(json.loads(json.dumps(text.to_json()))),
    ):
        assert same == text
        assert german(same) == "a.mp4 kann nicht gelesen werden: Kamera 1"
