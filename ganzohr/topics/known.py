"""What is here already, as the plans of an import need it: a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence

from ganzohr.directory.models import Colleague, Department, Site
from ganzohr.topics import overview
from ganzohr.topics.importing.colleague_plan import KnownColleagues, Present
from ganzohr.topics.importing.people import Index
from ganzohr.topics.importing.people import Known as Name
from ganzohr.topics.importing.topic_plan import Known, Ref
from ganzohr.topics.models import Topic


def known_for_topics(language: str) -> Known:
    """Topics, sites, colleagues, who answers what where, and what is said about topics in this language."""
    topics = list(Topic.objects.in_use())
    return Known(
        Index([Name(topic.pk, (*filter(None, topic.names.values()), topic.slug)) for topic in topics]),
        _sites(),
        _colleagues(list(Colleague.objects.here())),
        overview.posts_of(topics),
        {topic.pk: topic.promised_minutes for topic in topics},
        {topic.pk: topic.descriptions.get(language, "") for topic in topics},
    )


def known_for_colleagues() -> KnownColleagues:
    """Everybody here with what a sheet may change."""
    people = list(Colleague.objects.here())
    departments = Index([Name(one.pk, (one.name,)) for one in Department.objects.all()])
    return KnownColleagues(_colleagues(people), _sites(), departments, {one.pk: _present(one) for one in people})


def site_names() -> list[str]:
    """Every site in use by name."""
    return list(Site.objects.in_use().values_list("name", flat=True))


def _sites() -> Index:
    return Index([Name(site.pk, (site.name,)) for site in Site.objects.in_use()])


def _colleagues(people: Sequence[Colleague]) -> Index:
    return Index([Name(one.pk, (one.name,), one.email) for one in people])


def _present(one: Colleague) -> Present:
    refs = {
        "site": one.site_id,
        "department": one.department_id,
        "deputy": one.deputy_id,
        "reports_to": one.reports_to_id,
    }
    plain = ("name", "email", "role_title", "language", "address", "kind")
    return Present(
        {
            **{name: getattr(one, name) for name in plain},
            **{name: Ref(pk) if pk else None for name, pk in refs.items()},
            "languages": sorted(one.languages),
        }
    )
