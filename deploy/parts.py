"""The four services, as they are put together: what each is, hears and may ask."""

from collections.abc import Mapping
from importlib import import_module

from shared.contracts.catalogue import SERVICES
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.hearing import Hearing
from shared.plumbing.trust import Permissions, permissions_for


def blueprints() -> dict[str, Blueprint]:
    """Each service's blueprint, in reading order."""
    return {name: import_module(f"services.{name}.main").BLUEPRINT for name in SERVICES}


def hearings(parts: Mapping[str, Blueprint]) -> dict[str, Hearing]:
    """What each service hears and answers."""
    found = {name: Hearing() for name in parts}
    for name, blueprint in parts.items():
        blueprint.listen(found[name])
    return found


def permissions(
    parts: Mapping[str, Blueprint], heard: Mapping[str, Hearing]
) -> dict[str, Permissions]:
    """What each service's NATS user may do: no more than its blueprint says it needs."""
    return {name: permissions_for(name, heard[name], parts[name].asks) for name in parts}
