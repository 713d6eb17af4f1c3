"""What is personal is stored so that a store, or a copy of one, says nothing without its keys.

Each person has a key of their own; so has each case, and the service itself for what belongs to
nobody alone. Those keys lie in the table `sealed_key`, wrapped by a key that is in no store: a
file outside the data volume (`keyfile.py`). Destroying a person's key destroys what it sealed, in
the store and in every copy from which the key was kept apart.

    NAME = Field.of(SCHEMA.name, PERSON.c.name, SHORT)

    key = await keys.new(session, person.id, Kind.PERSON)        # one INSERT
    row = {"name": NAME.seal(key, person.id, "Aisha Khan")}

    rows = await session.execute(keys.joined(select(PERSON), SCHEMA, PERSON.c.id))
    name = NAME.open(keys.in_row(session, row.id, row), row.id, row.name)

A value is bound to its service, table, column, row, subject and the version of its form: one that
was moved, or changed by a single bit, does not open. Without the right keys nothing is shown and
nothing is stored: `Sealed` says why, and there is no way back to plain text.
"""
