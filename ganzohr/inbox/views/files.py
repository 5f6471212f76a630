"""Files: shown as pictures or handed over as downloads, from an address that runs nothing; and who is here."""

from __future__ import annotations

from typing import IO

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.channels.models import PublicPost
from ganzohr.inbox import actions, files
from ganzohr.inbox.models import Attachment, Conversation
from ganzohr.inbox.opened import Opened
from ganzohr.inbox.people import actor_of
from ganzohr.inbox.views.acts import back
from ganzohr.inbox.views.pages import visible
from ganzohr.ui.pages import done, page

SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}
PROBLEMS = {
    "too_big": lambda: _("That file is larger than 20 MB."),
    "refused": lambda: _("Programs are not sent."),
    "empty": lambda: _("That file is empty."),
    "not_stored": lambda: _("The file could not be kept just now. Try again in a moment."),
}


@require_safe
@role_required("reader")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: a picture is shown, sound and film are played where they stand, anything else is a download."""
    mine = Conversation.objects.visible_to(user_of(request))
    row = get_object_or_404(Attachment, pk=pk, conversation__in=mine)
    if not row.file:
        raise Http404
    try:
        stored = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    if files.plays(row.content_type):
        return played(request, stored, row.size, row.content_type)
    is_shown = files.may_be_shown(row.content_type)
    kind = row.content_type if is_shown else "application/octet-stream"
    answer = FileResponse(stored, as_attachment=not is_shown, filename=row.name, content_type=kind, headers=SAFE)
    return answer  # type: ignore[return-value]  # streamed, but an answer like any other


def played(request: HttpRequest, stored: IO[bytes], size: int, kind: str) -> HttpResponse:
    """Sound or film, whole or the part a player asks for; some players take nothing but parts."""
    headers = {**SAFE, "Accept-Ranges": "bytes"}
    if "range" not in request.headers:
        return FileResponse(stored, content_type=kind, headers=headers)  # type: ignore[return-value]
    part = files.part(request.headers["range"], size)
    with stored:
        if part is None:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        stored.seek(part.start)
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        return HttpResponse(stored.read(len(part)), status=206, content_type=kind, headers=headers)


@require_safe
@role_required("reader")
def post_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the post that comments hang under."""
    mine = Conversation.objects.visible_to(user_of(request))
    row = get_object_or_404(PublicPost.objects.filter(conversations__in=mine).distinct(), pk=pk)
    if not row.picture:
        raise Http404
    with row.picture.open("rb") as stored:
        content = stored.read()
    checked = files.check("picture", content)
    if not files.may_be_shown(checked.content_type):
        raise Http404
    return HttpResponse(content, content_type=checked.content_type, headers=SAFE)


@require_POST
@role_required("lead")
def attaching(request: HttpRequest, pk: int) -> HttpResponse:
    """Put files beside the draft."""
    held = visible(user_of(request), pk)
    problems = []
    for given in request.FILES.getlist("files")[:10]:
        try:
            content = given.read() if (given.size or 0) <= files.MAX_SIZE else b"\0" * (files.MAX_SIZE + 1)
            actions.attach(held, given.name or "", content, actor_of(user_of(request)))
        except actions.BadFile as error:
            problems.append(PROBLEMS[error.code]())
    return done(request, back(request, held), " ".join(problems))


@require_POST
@role_required("lead")
def detaching(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away that has not left yet."""
    mine = Conversation.objects.visible_to(user_of(request))
    row = get_object_or_404(Attachment, pk=pk, message=None, conversation__in=mine)
    actions.detach(row, actor_of(user_of(request)))
    return done(request, back(request, row.conversation))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("reader")
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Who else is here; a POST says that I am (or, with `leaving`, that I was)."""
    user = user_of(request)
    held = visible(user, pk)
    if request.method == "POST":
        if "leaving" in request.POST:
            actions.note_leaving(held, user)
        else:
            actions.note_presence(held, user, is_typing=request.POST.get("typing") == "1")
        return HttpResponse(status=204)
    return page(request, "inbox/present.html", {"conversation": held, "opened": Opened(user, held)})
