"""What may a run do at all, whoever starts it?"""

from __future__ import annotations

from dataclasses import dataclass

from carnet.model.choices import Preset

UNDO_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the administrator of a home has laid down; the defaults forbid nothing.

    `fields` PROFESSIONAL holds for every run, ALL leaves the choice to each person. `undo_months` is how long what a run
    replaced is kept, `largest_run` how many contacts one run may write (None: any number).
    """

    fields: Preset = Preset.ALL
    undo_months: int = UNDO_MONTHS
    largest_run: int | None = None
    create_accounts: bool = True
    communications: bool = True
