"""Whether passkeys work at the address a page was asked by: browsers want a name, and TLS unless it is this machine."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import template
from django.http import HttpRequest
from django.http.request import split_domain_port

register = template.Library()


@register.simple_tag(takes_context=True)
def passkeys_work(context: dict[str, Any]) -> bool:
    """Whether a browser would make or use a passkey here."""
    request = context["request"]
    host = _host(request)
    return not _is_number(host) and (request.is_secure() or host == "localhost" or host.endswith(".localhost"))


@register.simple_tag(takes_context=True)
def passkeys_address(context: dict[str, Any]) -> str:
    """The same page by a name with which they work, where we know one: this machine."""
    request = context["request"]
    if not _is_number(host := _host(request)) or not ipaddress.ip_address(host.strip("[]")).is_loopback:
        return ""
    port = split_domain_port(request.get_host())[1]
    return f"http://localhost{f':{port}' if port else ''}{request.path}"


def _host(request: HttpRequest) -> str:
    return split_domain_port(request.get_host())[0]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
