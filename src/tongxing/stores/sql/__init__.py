"""The ports on tables: written once, in the SQL that both SQLite and PostgreSQL take.

``connections`` says what a store needs of a database, ``writer`` commits for all who wait, ``stores`` joins
every port to one writer and one reader. What differs (opening, errors, how many rows are handed over) is in
``tongxing.stores.sqlite`` and ``tongxing.stores.postgres``.
"""
