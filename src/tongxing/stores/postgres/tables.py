"""How the record's tables are made on PostgreSQL: spread by subject, texts in the order of their bytes.

The migrations say what there is; this says how, by a dialect of its own, so that no step needs to know:

1. A table whose key begins with ``subject`` is partitioned by its hash, and so are the looks, whose key
   becomes subject and id. A cluster that distributes by a column (Citus) takes the same tables by the same one.
2. Texts are compared by their bytes (collation ``C``), as SQLite and Python do: which of two rows wins may not
   depend on where the server stands.
"""

from typing import Any, Final

from sqlalchemy import Engine, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.schema import CreateTable

PARTITIONS: Final = 16
"""More cost each look-up locks; fewer leave a cluster less to distribute. 1.4e9 subjects are 9e7 a partition."""

_BY_SUBJECT: Final = "subject"
_KEYED_BY_ID: Final = frozenset({"looks"})


def use_record_tables(engine: Engine) -> None:
    """Have ``engine``, and no other, make tables so."""
    engine.dialect.ddl_compiler = _TableCompiler
    engine.dialect.type_compiler_instance = _TypeCompiler(engine.dialect)


def partition_names(table: str) -> tuple[str, ...]:
    """Return the names of a table's partitions."""
    return tuple(f"{table}_p{number:02}" for number in range(PARTITIONS))


def is_partitioned(table: Table) -> bool:
    """True if the rows of ``table`` are spread by subject."""
    key = [column.name for column in table.primary_key.columns]
    return key[:1] == [_BY_SUBJECT] or table.name in _KEYED_BY_ID


class _TableCompiler(PGDDLCompiler):
    def visit_create_table(self, create: CreateTable, **kw: Any) -> str:  # noqa: ANN401 - as the compiler declares it
        made = str(super().visit_create_table(create, **kw))  # type: ignore[no-untyped-call]  # the compiler's own
        table = create.element
        if not is_partitioned(table):
            return made
        parts = [
            f"CREATE TABLE {name} PARTITION OF {table.name} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            for number, name in enumerate(partition_names(table.name))
        ]
        return ";\n".join([f"{made.rstrip()} PARTITION BY HASH ({_BY_SUBJECT})", *parts])

    def visit_primary_key_constraint(self, constraint: PrimaryKeyConstraint, **kw: Any) -> str:  # noqa: ANN401 - as the compiler declares it
        made = str(super().visit_primary_key_constraint(constraint, **kw))  # type: ignore[no-untyped-call]  # as above
        if constraint.table.name in _KEYED_BY_ID:
            return made.replace("PRIMARY KEY (", f"PRIMARY KEY ({_BY_SUBJECT}, ")
        return made


class _TypeCompiler(PGTypeCompiler):
    def visit_TEXT(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - as the compiler declares it
        return f'{super().visit_TEXT(type_, **kw)} COLLATE "C"'

    def visit_text(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401 - as the compiler declares it
        return self.visit_TEXT(type_, **kw)
