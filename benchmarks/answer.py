"""What does a benchmark answer, and how is an answer printed and kept?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was measured for one question.

    `reference` is the same measure of what Carnet is compared with, None where a figure stands alone. `ratio` is judged:
    ours / reference, or ours itself. `target` is None for what is only reported; `most` tells whether the ratio may not go
    above the target (a cost) or below it (a quality).
    """

    question: str
    ours: float
    reference: float | None = None
    target: float | None = None
    most: bool = True
    unit: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours against the reference, or ours alone."""
        return self.ours if self.reference is None else self.ours / self.reference

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.most else self.ratio >= self.target

    def as_json(self) -> dict[str, float | bool | str | None]:
        """The answer as `results.json` keeps it."""
        return {
            "ours": self.ours,
            "reference": self.reference,
            "ratio": self.ratio,
            "target": self.target,
            "holds": self.holds,
            "unit": self.unit,
            "note": self.note,
        }


def table(answers: Sequence[Answer]) -> str:
    """The answers as lines of a table."""
    head: tuple[str, ...] = ("question", "ours", "reference", "ratio", "target", "holds", "")
    rows = [head, *map(_row, answers)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    figures = (cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:], strict=True))
    return "  ".join([row[0].ljust(widths[0]), *figures, row[-1]]).rstrip()


def _row(answer: Answer) -> tuple[str, ...]:
    sign = "<=" if answer.most else ">="
    target = "reported" if answer.target is None else f"{sign} {answer.target:g}"
    holds = {True: "yes", False: "NO", None: ""}[answer.holds]
    reference = "" if answer.reference is None else f"{answer.reference:.4g} {answer.unit}"
    return (
        answer.question,
        f"{answer.ours:.4g} {answer.unit}",
        reference,
        f"{answer.ratio:.3g}",
        target,
        holds,
        answer.note,
    )
