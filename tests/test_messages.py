"""Every code that the code base returns has a text, and the texts have one form."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import facecam
from facecam.messages import MESSAGES, caption, caption_with_code, sentence

DEFINING_PACKAGES = ("recognition", "enrollment", "gallery")
NOT_SHOWN = {"ok", "_distances", "gate", "reason", "err", "strerror"}
"""Success, and names of files, log columns and attributes."""
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
