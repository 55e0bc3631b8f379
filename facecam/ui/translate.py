"""Words that stand in a table and are translated later."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text itself; Qt's own is typed as an object."""
    return text
