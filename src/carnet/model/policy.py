"""What may a run do at all, whoever starts it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carnet.model.choices import Preset
from carnet.model.direction import Addresses, Direction, kept_from_crm, standing_in

UNDO_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the administrator of a home has laid down; the defaults forbid nothing, and copy one postal address.

    `fields` PROFESSIONAL holds for every run, ALL leaves the choice to each person. `undo_months` is how long what a run
    replaced is kept, `largest_run` how many contacts one run may write (None: any number).
    `directions` maps rows (`model.direction.SETTABLE`) to the way their values go; a row that is not named goes both ways.
    """

    fields: Preset = Preset.ALL
    undo_months: int = UNDO_MONTHS
    largest_run: int | None = None
    create_accounts: bool = True
    communications: bool = True
    directions: Mapping[str, Direction] = field(default_factory=dict)
    addresses: Addresses = Addresses.ONE

    def direction(self, row: str) -> Direction:
        """Which way the values of a row go."""
        return self.directions.get(row, Direction.BOTH)

    @property
    def withheld(self) -> frozenset[str]:
        """The keys of the fields that no run writes to the CRM."""
        return kept_from_crm(self.directions, self.addresses)

    @property
    def mailing(self) -> frozenset[str]:
        """The rows whose address may be Address 1 where Outlook marks it as the mailing one."""
        return standing_in(self.directions, self.addresses)
