"""The house rules, read from the source alone: who imports whom, which door leads to which library, how long things get."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "facecam"

LAYERS = (
    {
        "types",
        "mode",
        "errors",
        "atomic",
        "settings",
        "configuration",
        "config_file",
        "weights",
        "keras_weights",
        "trained",
        "inference",
        "quiet",
        "compile",
        "picture",
    },
    {"capture", "detect", "embed", "express", "objects", "identify", "logbook"},
    {"faces", "recognizer", "overlay", "recorder", "evaluate", "teach", "explain", "doctor", "report"},
    {"runtime"},
    {"ui", "cli", "__main__"},
)
"""A room imports from its own layer or an earlier one, and no two rooms import each other. `__init__` is the lazy front door."""

KERAS = {"keras", "tensorflow", "mtcnn", "tf_keras"}
DOORS = {
    "PySide6": ("ui/",),
    "shiboken6": ("ui/",),
    "ai_edge_litert": ("inference.py",),
    "pandas": ("logbook/reader.py", "logbook/answers/", "report/"),
    **dict.fromkeys(
        KERAS,
        (
            "embed/nn4_small2.py",
            "compile.py",
            "quiet.py",
            "objects/imagenet.py",
            "express/network.py",
            "detect/networks.py",
            "detect/package.py",
            "teach/",
            "explain/",
        ),
    ),
}
"""Library -> the only files, or folders ending in a slash, that may import it."""

UNSAFE_MODULES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
CATCHES_ALL = {"runtime/capture_thread.py": 1, "runtime/recognize_thread.py": 1, "ui/app.py": 1}
"""The two worker loops and the window's hook: where every exception must be met, and how often."""

MODULE_LINES = 300
FUNCTION_LINES = 40


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, by its full dotted name, and whether it is imported only when a function is called."""

    name: str
    line: int
    deferred: bool

    @property
    def library(self) -> str:
        return self.name.partition(".")[0]


def module_name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


MODULES = sorted(module_name(path) for path in PACKAGE.rglob("*.py"))
each_module = pytest.mark.parametrize("module", MODULES)


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def imports_of(module: str) -> Iterator[Import]:
    """Every import, those for type checkers only among the deferred."""

    def walk(node: ast.AST, deferred: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = absolute(module, node)
            yield from (Import(f"{parent}.{alias.name}", node.lineno, deferred) for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for child in node.body:
                yield from walk(child, True)
            for child in node.orelse:
                yield from walk(child, deferred)
        else:
            inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from walk(child, inside)

    return walk(tree_of(module), False)


def absolute(module: str, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    folder = ["facecam", *Path(module).parts[:-1]]
    return ".".join([*folder[: len(folder) - node.level + 1], *([node.module] if node.module else [])])


def room_of(module: str) -> str:
    return Path(module).parts[0].removesuffix(".py")


def rooms_imported_by(module: str) -> Iterator[tuple[str, int]]:
    for imported in imports_of(module):
        parts = imported.name.split(".")
        if parts[0] == "facecam" and len(parts) > 1 and parts[1] in ROOMS and parts[1] != room_of(module):
            yield parts[1], imported.line


ROOMS = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}


@each_module
def test_a_module_has_a_room_and_imports_no_later_one(module: str) -> None:
    if module == "__init__.py":
        return
    assert room_of(module) in ROOMS, f"{module} is in no layer: give {room_of(module)!r} a place in LAYERS"

    rank = ROOMS[room_of(module)]
    assert [f"line {line}: {room}" for room, line in rooms_imported_by(module) if ROOMS[room] > rank] == []


def test_no_two_rooms_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        if module != "__init__.py":
            graph.setdefault(room_of(module), set()).update(room for room, _ in rooms_imported_by(module))

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports run in a circle: {' -> '.join(error.args[1])}")


@each_module
def test_libraries_are_imported_only_through_their_door(module: str) -> None:
    elsewhere = [
        f"line {imported.line}: {imported.name} belongs into {', '.join(DOORS[imported.library])}"
        for imported in imports_of(module)
        if imported.library in DOORS and not module.startswith(DOORS[imported.library])
    ]

    assert elsewhere == []


@each_module
def test_keras_and_tensorflow_are_imported_only_inside_functions(module: str) -> None:
    assert [f"line {i.line}: {i.name}" for i in imports_of(module) if i.library in KERAS and not i.deferred] == []


@each_module
def test_cameras_are_opened_only_in_capture(module: str) -> None:
    names = [node.lineno for node in ast.walk(tree_of(module)) if isinstance(node, ast.Attribute) and node.attr == "VideoCapture"]

    assert names == [] or module.startswith("capture/")


@each_module
def test_nothing_is_unpickled_or_evaluated(module: str) -> None:
    unsafe = [f"line {imported.line}: {imported.name}" for imported in imports_of(module) if imported.library in UNSAFE_MODULES]
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            words = {keyword.arg for keyword in node.keywords}
            unsafe += [f"line {node.lineno}: {called}"] if called in {"eval", "exec"} else []
            unsafe += [f"line {node.lineno}: allow_pickle"] if "allow_pickle" in words else []

    assert unsafe == []


@each_module
def test_every_exception_is_met_only_where_a_thread_or_the_window_would_die(module: str) -> None:
    caught = [
        f"line {node.lineno}"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]

    assert len(caught) <= CATCHES_ALL.get(module, 0), caught


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it ends every exception; one that cleans up and raises again after BaseException does not."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {"" if kind is None else ast.unparse(kind) for kind in kinds}
    raises_again = any(isinstance(node, ast.Raise) and node.exc is None for node in handler.body)
    return "Exception" in names or (not raises_again and not names.isdisjoint({"", "BaseException"}))


@each_module
def test_a_module_fits_its_length(module: str) -> None:
    lines = len((PACKAGE / module).read_text(encoding="utf-8").splitlines())

    assert lines <= MODULE_LINES


@each_module
def test_functions_fit_on_a_screen(module: str) -> None:
    functions = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert [f"{f.name}: {length_of(f)} lines" for f in functions if length_of(f) > FUNCTION_LINES] == []


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines without decorators and docstring."""
    assert function.end_lineno is not None
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


@each_module
def test_only_commands_print_and_exit(module: str) -> None:
    if module.startswith("cli/") or module == "__main__.py":
        return
    spoken = [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "exit", "quit", "sys.exit", "os._exit"}
    ]

    assert spoken == []
