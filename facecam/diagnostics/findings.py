"""Result of a diagnostic check: verdict, observation and advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from facecam.errors import FacecamError


class Verdict(StrEnum):
    """Severity of a finding. With a warning facecam still works; a fault disables a feature."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `facecam doctor`. `advice` says what to do; it is empty if and only if the verdict is OK."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.OK) is bool(self.advice):
            raise ValueError(f"{self.check}: {self.verdict} with the advice {self.advice!r}; every verdict but ok needs advice")

    @classmethod
    def from_error(cls, check: str, error: FacecamError, default_advice: str, verdict: Verdict = Verdict.FAULT) -> Self:
        """Split an error message at its first semicolon into observation and advice; a list of errors stays whole."""
        text = str(error)
        found, _, advice = (text, "", "") if "\n" in text else text.partition("; ")
        advice = advice or default_advice
        return cls(check, verdict, found, advice[:1].upper() + advice[1:])
