"""What does every flow hold in its hands?"""

from __future__ import annotations

from dataclasses import dataclass, field

from carnet.model.policy import Policy
from carnet.ports.clock import Clock
from carnet.ports.crm import Crm
from carnet.ports.ids import Ids
from carnet.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports a flow needs, the country (ISO 3166) that phone numbers without a country code come from, and the policy."""

    store: Store
    crm: Crm
    clock: Clock
    ids: Ids
    region: str = "FR"
    policy: Policy = field(default_factory=Policy)
