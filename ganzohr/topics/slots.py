"""What this room draws on pages of rooms below."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ganzohr.directory.models import Colleague
from ganzohr.topics.models import Topic


def duties(request: HttpRequest, colleague: Colleague) -> SafeString:
    """The topics this colleague answers or stands in for, on the colleague's page; nothing if there are none."""
    answers = Q(responsible=colleague) | Q(responsibilities__colleague=colleague)
    stands_in = Q(deputy=colleague) | Q(responsibilities__deputy=colleague)
    context = {
        "answers": Topic.objects.in_use().filter(answers).distinct(),
        "stands_in": Topic.objects.in_use().filter(stands_in).exclude(answers).distinct(),
    }
    return render_to_string("topics/_duties.html", context, request)
