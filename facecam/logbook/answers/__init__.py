"""The usual questions, asked of the DataFrame that `read_log` gives: `df.facecam.visits()` and its like."""

from facecam.logbook.answers.accessor import Answers

__all__ = ["Answers"]
