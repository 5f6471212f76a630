"""Names in the order people expect: Özdemir before Zimmer. The database itself knows no collation but byte order."""

from __future__ import annotations

from django.contrib.postgres.lookups import Unaccent
from django.db.models.functions import Lower


def by_name(field: str = "name") -> Lower:
    """The key to sort a name by, for `order_by`, `annotate` and `Meta.ordering`: lower case, without accents."""
    return Lower(Unaccent(field))
