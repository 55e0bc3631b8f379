"""Templates of the errors and situations that the window shows: `python scripts/error_texts.py FILE.py`.

Writes each template as a line that Qt's lupdate finds, in the context "Errors". Templates are the literal first arguments of
FacecamErrors and TranslatableTexts, and what QT_TRANSLATE_NOOP marks in this context.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

PACKAGE = Path(__file__).parents[1] / "facecam"

LEFT_OUT = {
    "messages.py": "lupdate reads it itself",
    "cli": "what only a terminal shows",
    "evaluation": "facecam evaluate and facecam calibrate",
    "networks/convert.py": "facecam models convert",
    "training/dataset.py": "facecam train",
    "training/names.py": "facecam train",
    "training/recipes.py": "facecam train",
    "training/trainer.py": "facecam train",
    "capture/media.py": "FFmpeg's errors, which the sources replace by their own",
}
"""Packages and modules without templates, such as those whose errors the window never shows, with the reason."""

_PARAMETERS = {"EnrollmentRefusedError": {"reason"}}
"""Parameters of errors that are no values of a template."""


@dataclass(frozen=True, slots=True)
class TextCall:
    """Call that creates a text.

    Attributes:
        place: Module and line.
        template: The first argument in Python.
        templates: Its literal templates, two for a conditional expression.
        names: Names of the values; None where they are not literal.
    """

    place: str
    template: ast.expr
    templates: tuple[str, ...]
    names: frozenset[str] | None

    @property
    def has_fitting_names(self) -> bool:
        """Return whether the values are those in the braces. Without values, braces are ordinary characters."""
        return not self.names or all(placeholders(template) == self.names for template in self.templates)

    @property
    def is_translatable(self) -> bool:
        """Return whether the template is literal, or may be a TranslatableText: not an f-string or another plain str."""
        return bool(self.templates) or not any(
            isinstance(node, ast.JoinedStr | ast.BinOp)
            or (isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("str", "format", "join"))
            for node in ast.walk(self.template)
        )


def placeholders(template: str) -> set[str]:
    """Return the names in the braces of a template."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def modules() -> dict[str, ast.Module]:
    """Return the modules whose errors the window may show, by their path in the package."""
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    shown = {name: path for name, path in paths.items() if not {name, name.partition("/")[0]} & LEFT_OUT.keys()}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in shown.items()}


def text_calls() -> Iterator[TextCall]:
    """Yield the calls that create an error or a TranslatableText."""
    trees = modules()
    classes = _error_classes(trees.values()) | {"TranslatableText"}
    for name, call in _calls(trees):
        called = ast.unparse(call.func).rpartition(".")[2]
        if call.args and called in classes:
            given = [keyword.arg for keyword in call.keywords if keyword.arg not in _PARAMETERS.get(called, ())]
            names = None if None in given else frozenset(filter(None, given))
            yield TextCall(f"{name}:{call.lineno}", call.args[0], _literals(call.args[0]), names)


def templates() -> list[str]:
    """Return the templates that have words to translate."""
    found = {template for call in text_calls() for template in call.templates}
    for _, call in _calls(modules()):
        if ast.unparse(call.func) == "QT_TRANSLATE_NOOP" and _literals(call.args[0]) == ("Errors",):
            found.update(_literals(call.args[1]))
    return sorted(template for template in found if re.search(r"[^\W\d_]", re.sub(r"\{.*?\}", "", template)))


def write_markers(path: Path) -> None:
    """Write the templates as calls of QT_TRANSLATE_NOOP."""
    lines = (f'QT_TRANSLATE_NOOP("Errors", {json.dumps(template, ensure_ascii=False)})\n' for template in templates())
    path.write_text("".join(lines), encoding="utf-8")


def _error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of FacecamError and of the classes derived from it."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found: set[str] = {"FacecamError"}
    while added := {name for name, its in bases.items() if its & found} - found:
        found |= added
    return found


def _calls(trees: dict[str, ast.Module]) -> Iterator[tuple[str, ast.Call]]:
    for name, tree in trees.items():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _literals(node: ast.expr) -> tuple[str, ...]:
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.IfExp(body=body, orelse=other):
            return _literals(body) + _literals(other)
    return ()


if __name__ == "__main__":
    write_markers(Path(sys.argv[1]))
