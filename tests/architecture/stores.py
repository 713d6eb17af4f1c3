"""The stores of all services, for the guards that look at every table."""

import importlib

from shared.contracts.catalogue import SERVICES
from shared.plumbing.database import Schema


def schema_of(service: str) -> Schema | None:
    """What the service keeps; None while it has no store."""
    name = f"services.{service}.store"
    try:
        store = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise
    schema: Schema = store.SCHEMA
    return schema


def all_schemas() -> dict[str, Schema | None]:
    """Every service by name, with what it keeps."""
    return {service: schema_of(service) for service in SERVICES}
