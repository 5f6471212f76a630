"""Codes of what went wrong, in words: what happened, what was kept, what to do now."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ganzohr.channels import accounts
from ganzohr.channels.models import Channel
from ganzohr.core import crypto, times
from ganzohr.ui import live

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """One problem for people. `rest` is how long a channel with it is left alone; None: not the channel's problem."""

    happened: str | Promise
    kept: str | Promise
    do: str | Promise
    rest: dt.timedelta | None = None


WAITS = _("Everything on its way out waits here.")
TEXT_KEPT = _("Your text is kept.")
BY_ITSELF = _("Nothing. It is tried again by itself.")
AT_ONCE, SOON, LATER = dt.timedelta(seconds=5), dt.timedelta(minutes=1), dt.timedelta(minutes=15)

WORDS: dict[str, Words] = {
    "host_unknown": Words(
        _("The server's name is not known."), WAITS, _("Check the server's name in the settings."), SOON
    ),
    "host_forbidden": Words(
        _("This server lies in your own network, and the desk may not go there."),
        WAITS,
        _("Ask whoever runs the desk to name the server in the setting GANZOHR_REACH."),
        LATER,
    ),
    "connection_refused": Words(
        _("The server does not take the call."), WAITS, _("Check server and port, or wait until it is back."), SOON
    ),
    "timeout": Words(_("The server did not answer in time."), WAITS, BY_ITSELF, SOON),
    "tls_failed": Words(
        _("No safe connection came about."), WAITS, _("Check port and kind of encryption in the settings."), LATER
    ),
    "certificate_wrong": Words(
        _("The server's certificate does not belong to its name."),
        WAITS,
        _("Check the server's name; ask your IT department about the certificate."),
        LATER,
    ),
    "login_refused": Words(
        _("The server does not accept the sign-in."),
        WAITS,
        _("Enter the password again, or an app password if your provider asks for one."),
        LATER,
    ),
    "basic_auth_off": Words(
        _("The provider no longer accepts passwords here."),
        WAITS,
        _("Sign in with Microsoft or Google instead."),
        LATER,
    ),
    "oauth_expired": Words(_("The sign-in has run out."), WAITS, _("Sign in again in the settings."), LATER),
    "folder_missing": Words(
        _("The mail folder is not there."),
        _("Mails stay on the server until we can read them."),
        _("Choose another folder in the settings."),
        LATER,
    ),
    "rate_limited": Words(_("The provider asks us to slow down."), WAITS, BY_ITSELF, SOON),
    "unreadable": Words(
        _("The stored password cannot be read with the keys of this desk."),
        WAITS,
        _("Enter the password again."),
        LATER,
    ),
    "quota_full": Words(
        _("The mailbox of the recipient is full."), TEXT_KEPT, _("Try again later, or another way to reach them.")
    ),
    "recipient_refused": Words(
        _("The recipient's server does not know the address."), TEXT_KEPT, _("Check the address.")
    ),
    "sender_refused": Words(
        _("The server does not let us write from our address."),
        TEXT_KEPT,
        _("Check the sender's address in the settings."),
    ),
    "message_too_big": Words(
        _("The message is too large."), TEXT_KEPT, _("Send it without files, or with smaller ones.")
    ),
    "content_refused": Words(
        _("The server refused the content."), TEXT_KEPT, _("Change the words or the links and send it again.")
    ),
    "target_invalid": Words(
        _("There is no place this could go to."),
        _("Its text is kept."),
        _("If one of you wrote it, answer from the conversation again; an automatic word may just stay here."),
    ),
    "file_missing": Words(_("A file is not there any more."), TEXT_KEPT, _("Attach it again and send it once more.")),
    "files_away": Words(_("The file storage did not answer."), TEXT_KEPT, BY_ITSELF),
    "too_slow": Words(
        _("It was not handed over in time: too large for the line of this server."),
        TEXT_KEPT,
        _("Smaller files get through, or a link to them."),
    ),
    "late": Words(_("The desk did not get round to it in time."), TEXT_KEPT, BY_ITSELF),
    "not_possible": Words(
        _("It could not be put together for this channel."), TEXT_KEPT, _("Answer from the conversation again.")
    ),
    "asked_to_wait": Words(_("The recipient's server asks to try again later."), TEXT_KEPT, BY_ITSELF),
    "no_target": Words(
        _("The place to answer is not there any more."), TEXT_KEPT, _("Answer from the conversation again.")
    ),
    "no_secret": Words(
        _("The website channel is not set up yet."), WAITS, _("Open its settings and save them once."), SOON
    ),
    "reading_failed": Words(
        _("Reading stopped for a reason that has no name yet."),
        _("Mails stay on the server until we can read them."),
        _("It is tried again by itself. If it stays, tell your administrator."),
        SOON,
    ),
    "timeout_after": Words(
        _("Nobody answered after it was handed over."),
        TEXT_KEPT,
        _("Look on the platform whether it is there, then say so here."),
    ),
    "not_arrived": Words(_("It had not arrived when we looked."), TEXT_KEPT, BY_ITSELF),
    "crashed": Words(
        _("The desk was interrupted while it was sending."),
        TEXT_KEPT,
        _("Look on the platform whether it is there, then say so here."),
    ),
    "restored": Words(
        _("It waited when the backup was made; it may have left since then."),
        TEXT_KEPT,
        _("Look on the platform whether it is there, then say so here."),
    ),
    "dropped": Words(
        _("The line broke while it was sent."),
        TEXT_KEPT,
        _("Look on the platform whether it is there, then say so here."),
    ),
    "token_expired": Words(
        _("The access we were given has run out or was taken back."),
        WAITS,
        _("Enter a new access token on the page of this channel; it says where to find one."),
        LATER,
    ),
    "permission_missing": Words(
        _("Our app lacks a permission for this."),
        WAITS,
        _("See the list of permissions on the page of this channel; an administrator of the account grants them."),
        LATER,
    ),
    "permission_needed": Words(
        _("This token lacks a permission it needs."),
        _("Nothing was changed."),
        _("Generate it anew with every permission ticked that the steps name, and enter it here."),
    ),
    "app_removed": Words(
        _("Our app was taken off this account."),
        _("Everything written before stays here."),
        _("Connect the account again if it was a mistake, else disconnect the channel."),
        LATER,
    ),
    "page_restricted": Words(
        _("The platform has restricted this account for now."),
        WAITS,
        _("Look into the account's own notifications at the platform; it says there why and until when."),
        LATER,
    ),
    "quality_low": Words(
        _("Too many people blocked or reported this number."),
        _("Answers still leave."),
        _("Send only what people asked for, above all no templates, until the quality is back."),
    ),
    "many_gone": Words(
        _("The platform suddenly does not show many comments any more that people wrote."),
        _("They are still here, in case it only hides them from us."),
        _("Look on the platform whether they were deleted. If they are still there, the access must be renewed."),
    ),
    "deletion_asked": Words(
        _("Somebody asked the platform to have their data deleted here, and its number leads to nobody we know."),
        _("Nothing was deleted yet."),
        _("Open the app under Channels: there the wish waits until somebody has looked."),
    ),
    "number_offline": Words(
        _("The number is not connected at the platform."),
        WAITS,
        _("Register the number again in the platform's settings."),
        LATER,
    ),
    "window_closed": Words(
        _("The time in which we may still answer freely is over."),
        TEXT_KEPT,
        _("Send a template if there is one, or wait until the person writes again."),
    ),
    "author_rule": Words(
        _("After a day only words written by a person may leave here."),
        TEXT_KEPT,
        _("Answer from the conversation yourself."),
    ),
    "person_unavailable": Words(
        _("This person cannot be reached there."),
        TEXT_KEPT,
        _("Try another way, or leave it; perhaps they blocked messages."),
    ),
    "target_gone": Words(
        _("What you wanted to answer is not there any more."),
        TEXT_KEPT,
        _("It was probably deleted; then keep it here."),
    ),
    "stopped": Words(
        _("This person asked not to be written to."), TEXT_KEPT, _("Leave it, unless they write to you again.")
    ),
    "per_user_cap": Words(
        _("The platform lets nobody send this person more for now."), TEXT_KEPT, _("Try again in a day or two.")
    ),
    "pair_limit": Words(_("Too many messages to one person in a short time."), TEXT_KEPT, BY_ITSELF),
    "platform_error": Words(_("The platform had an error of its own."), TEXT_KEPT, BY_ITSELF),
    "too_long": Words(_("The text is too long for this platform."), TEXT_KEPT, _("Shorten it and send it again.")),
    "bad_parameter": Words(
        _("The platform did not understand what we sent."),
        TEXT_KEPT,
        _("Try again; if it stays, tell your administrator."),
    ),
    "private_reply_used": Words(
        _("The one private answer to this comment has left already."),
        TEXT_KEPT,
        _("Answer in public, or wait until the person writes in private."),
    ),
    "wrong_path": Words(
        _("This answer does not fit the place it was meant for."), TEXT_KEPT, _("Answer from the conversation again.")
    ),
    "other_account": Words(
        _("The number does not belong to this account."),
        WAITS,
        _("Compare both ids with API setup at Meta; one of them is another number's."),
        LATER,
    ),
    "token_refused": Words(
        _("Meta does not take this token: it is not whole, has run out, or was taken back."),
        _("Nothing was changed."),
        _("Copy it once more as a whole, or generate a new one."),
    ),
    "no_page": Words(
        _("This token reaches no page."),
        _("Nothing was changed."),
        _("Give the system user your page with full control, tick pages_show_list, and generate a new token."),
    ),
    "other_page": Words(
        _("This token does not reach this page."),
        _("The present token stays."),
        _("Generate it for the system user that has full control of this page."),
    ),
    "not_subscribed": Words(
        _("The platform does not tell us yet what is written here."),
        _("Answers can leave; questions do not come in."),
        _("Press the step that switches the messages on, on the page of this channel."),
    ),
    "file_damaged": Words(
        _("A file arrived damaged at the platform."), TEXT_KEPT, _("Ask the person to send it once more.")
    ),
    "half_sent": Words(
        _("Some parts of the answer left, others may not have."),
        TEXT_KEPT,
        _("Look on the platform whether it is there, then say so here."),
    ),
    "undeliverable": Words(
        _("The platform took it, but could not deliver it."),
        TEXT_KEPT,
        _("Try again later, or another way to reach them."),
    ),
    "by_hand": Words(_("This network has no connector."), TEXT_KEPT, _("Copy it, post it there, and confirm it here.")),
}
UNKNOWN = Words(_("Something went wrong that has no name yet."), TEXT_KEPT, _("Try again, or tell your administrator."))


def words(code: str) -> Words:
    """What a code means to people; a code without words gets honest general ones."""
    return WORDS.get(code, UNKNOWN)


def rest_after(code: str) -> dt.timedelta | None:
    """How long a channel with this problem is left alone; None when the problem is not the channel's."""
    return words(code).rest


def note(channel_id: int, code: str, detail: str = "", until: dt.datetime | None = None) -> None:
    """Write down what is wrong with a channel (or, with '', that nothing is); the first moment of a problem stays.

    It rests `until` then if the platform named a time, else as long as its problem asks for: a passing one as long as
    it has lasted, so that a hiccup costs seconds. A warning hinders nothing.
    """
    channels = Channel.objects.filter(pk=channel_id)
    if not code:
        nothing = {"problem": "", "problem_detail": "", "problem_since": None, "rests_until": None}
        changed = channels.exclude(problem="").update(**nothing)
    else:
        now = times.now()
        rest = words(code).rest or (dt.timedelta() if code in WORDS else SOON)
        if rest == SOON and not until:
            since = channels.filter(problem=code).values_list("problem_since", flat=True).first()
            rest = min(SOON, max(AT_ONCE, now - (since or now)))
        until = until or now + rest
        changed = channels.exclude(problem=code).update(problem=code, problem_since=now)
        channels.update(problem_detail=detail[:300], rests_until=until)
    if changed:
        live.touch("channels")


def check_channels() -> int:
    """Ask every channel that has a problem and has rested whether it works again (round); how many do."""
    well = 0
    rested = Channel.objects.filter(state=Channel.State.ACTIVE, rests_until__lte=times.now())
    rested = rested.exclude(problem__in=["", "many_gone", "deletion_asked"])  # the others are for a person to settle
    for channel in rested:
        code = check(channel)
        note(channel.pk, code)
        well += not code
    return well


def check(channel: Channel) -> str:
    """'' when the account works now, else the code of what is wrong. Speaks to the platform."""
    try:
        return accounts.connector_of(channel).check(accounts.account_of(channel))
    except crypto.Unreadable:
        return "unreadable"
    except Exception:  # a check must always end in words
        log.exception("channel %s could not be checked", channel.pk)
        return "unknown"
