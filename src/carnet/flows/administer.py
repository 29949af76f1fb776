"""Who may change what holds for everybody, and how is it changed?"""

from __future__ import annotations

from carnet.errors import NotAllowed
from carnet.model.duplicate_rule import DuplicateRule
from carnet.ports.world import World


def administers(world: World) -> bool:
    """Whether the person is an administrator of the CRM that contacts go to (`carnet.model.account.CrmUser`)."""
    return world.crm.whoami().administrator


def require_administrator(world: World) -> None:
    """Raise NotAllowed for anybody else."""
    if not administers(world):
        raise NotAllowed(
            "Only an administrator changes what holds for everybody.",
            "That is the owner of policy.toml; in Dynamics 365, somebody with the role System Administrator.",
        )


def set_detection(world: World, *, on: bool) -> None:
    """Look for duplicates, or no longer. Raises NotAllowed."""
    require_administrator(world)
    world.crm.set_detection(on=on)


def save_rule(world: World, rule: DuplicateRule) -> None:
    """Insert or replace a duplicate rule. Raises NotAllowed, or Refused as the CRM does."""
    require_administrator(world)
    world.crm.save_rule(rule)


def drop_rule(world: World, rule: str) -> None:
    """Forget a duplicate rule. Raises NotAllowed, or NotFound where there is none of that id."""
    require_administrator(world)
    world.crm.drop_rule(rule)
