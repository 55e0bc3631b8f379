"""Statements of the documents about privacy and security: each one names its test in an HTML comment.

`<!-- test: tests/test_a.py::test_b tests/test_c.py::test_d -->` stands in the same paragraph, list item or table row. Advice and
other texts that state nothing about behavior end with `<!-- advice -->`.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("docs/guides/privacy.md", "docs/security.md")

_MARKER = re.compile(r"<!-- (advice|test: \S+(?: \S+)*) -->")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TABLE_HEAD = re.compile(r"^\|.*\|\n(?=\|[-| :]+\|$)", re.MULTILINE)
_TABLE_RULE = re.compile(r"^\|[-| :]+\|$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def statements(document: str) -> list[str]:
    """Return the paragraphs, list items and table rows of a document; headings, heads of tables and code are none."""
    text = _TABLE_RULE.sub("", _TABLE_HEAD.sub("", _CODE.sub("", document)))
    text = re.sub(r"^(?=\||- |\d+\. )", "\n", text, flags=re.MULTILINE)
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text)]
    return [block for block in blocks if _COMMENT.sub("", block).strip() and not re.match(r"#+ [^\n]*$", block)]


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Return the names of the test functions of a file, and those of a class as Class::name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = {node.name for node in tree.body if isinstance(node, functions)}
    for group in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        names |= {f"{group.name}::{node.name}" for node in group.body if isinstance(node, functions)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def fault_of(statement: str) -> str | None:
    """Return what is wrong with the marker of a statement, if anything."""
    markers = _MARKER.findall(statement)
    if not markers:
        return "names no test"
    for test in (test for marker in markers if marker != "advice" for test in marker.removeprefix("test: ").split()):
        file, _, name = test.partition("::")
        if not file.startswith("tests/") or not (ROOT / file).is_file():
            return f"names the file {file}, which does not exist"
        if name.partition("[")[0] not in names_of_tests(ROOT / file):
            return f"names {test}, which does not exist"
    return None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_statement_names_a_test_that_exists(document: str) -> None:
    found = statements((ROOT / document).read_text(encoding="utf-8"))

    faults = [f"{fault}: {statement[:120]}" for statement in found if (fault := fault_of(statement))]

    assert len(found) > 20
    assert not faults, "\n" + "\n".join(faults)


def test_a_statement_is_a_paragraph_a_list_item_or_a_table_row() -> None:
    text = "# Title\n\nOne.\nStill one.\n\n- Two.\n  Still two.\n- Three.\n\n```sh\nrun\n```\n\n"
    table = "| head | x |\n|---|---|\n| four | x |\n| five | x |\n"

    assert statements(text + table) == ["One.\nStill one.", "- Two.\n  Still two.", "- Three.", "| four | x |", "| five | x |"]


@pytest.mark.parametrize(
    ("marker", "fault"),
    [
        ("", "names no test"),
        ("<!-- a comment -->", "names no test"),
        ("<!-- test: tests/no_such_file.py::test_a -->", "names the file tests/no_such_file.py, which does not exist"),
        ("<!-- test: README.md::test_a -->", "names the file README.md, which does not exist"),
        ("<!-- test: tests/test_docs.py::statements -->", "names tests/test_docs.py::statements, which does not exist"),
        ("<!-- test: tests/test_statements.py::test_a_wrong_marker_is_a_fault[x] -->", None),
        ("<!-- advice -->", None),
    ],
)
def test_a_wrong_marker_is_a_fault(marker: str, fault: str | None) -> None:
    assert fault_of(f"A statement. {marker}") == fault
