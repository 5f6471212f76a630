"""What leaves the house, what keeps it here, and what platforms say became of it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.directory import sight
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.ui.counted import CAP

# Say no words to anybody and ask for none: they show the person that we read. Nobody misses one or settles one.
MARKS = ("read",)
HANDS = ("refused", "unclear", "by_hand")


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    """Things on their way out, chosen by sentences."""

    def without_marks(self) -> Self:
        """Everything somebody wrote or did; what people see listed and counted is always this."""
        return self.exclude(kind__in=MARKS)

    def visible_to(self, user: User) -> Self:
        """Everything, or what leaves by channels of the sites this user is limited to or in conversations there."""
        sites = sites_of(user)
        if sites is None:
            return self
        return self.filter(Q(channel__site_id__in=sites) | Q(pk__in=sight.at("outgoing", sites)))

    def needing_a_hand(self) -> Self:
        """Somebody must look: refused, unclear, or to be posted by a person."""
        return self.without_marks().filter(state__in=HANDS)

    def a_few(self) -> Self:
        """As many of what needs a hand as are worth counting; ordered as the index made for it, or PostgreSQL hopes to
        meet a hundred of them soon and reads the whole table."""
        return self.needing_a_hand().order_by("channel_id", "state", "-id")[:CAP]

    def on_their_way(self) -> Self:
        """Waiting or leaving."""
        return self.filter(state__in=[Outgoing.State.WAITING, Outgoing.State.SENDING])

    def posted_by_hand(self) -> Self:
        """To be posted by a person."""
        return self.filter(state=Outgoing.State.BY_HAND)


class Outgoing(models.Model):
    """The only thing that leaves the house. The claim's WHERE reads `Hold`, `hold`, `not_before` and `state`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("on its way")
        SENDING = "sending", _("being sent")
        ACCEPTED = "accepted", _("sent")
        REFUSED = "refused", _("not sent")
        UNCLEAR = "unclear", _("unclear")
        BY_HAND = "by_hand", _("to be posted by hand")
        TAKEN_BACK = "taken_back", _("taken back")

    MOVES: ClassVar = {
        State.WAITING: {State.SENDING, State.BY_HAND, State.TAKEN_BACK, State.REFUSED, State.ACCEPTED},
        State.SENDING: {State.ACCEPTED, State.REFUSED, State.UNCLEAR, State.WAITING, State.BY_HAND},
        State.UNCLEAR: {State.ACCEPTED, State.WAITING, State.REFUSED, State.BY_HAND},
        State.REFUSED: {State.WAITING, State.TAKEN_BACK, State.ACCEPTED},  # by our key: it had arrived after all
        State.BY_HAND: {State.ACCEPTED, State.TAKEN_BACK},
        State.ACCEPTED: {State.REFUSED},  # the platform says later that it could not deliver
        State.TAKEN_BACK: set(),
    }

    channel = models.ForeignKey(
        "channels.Channel",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="outgoing",
        help_text="NULL: the desk's own mail account (settings), for mails to colleagues and users.",
    )
    kind = models.CharField(max_length=30, help_text="answer, notice, thanks, ask, reminder, told, sign_in, …")
    target = models.JSONField(help_text="Bound to the exact inbound identity; the connector's own shape.")
    payload = models.JSONField(help_text="What is said: text, html, subject, headers, files [ids] …")
    key = models.CharField(max_length=120, unique=True, help_text="Idempotency key.")
    lane = models.CharField(max_length=80, blank=True, help_text="Things in one lane leave one after another.")
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="Whose conversation it belongs to; for holds.",
    )
    public_post = models.ForeignKey(
        "channels.PublicPost",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="Under which it appears; for holds.",
    )
    not_before = models.DateTimeField()
    hold = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    fenced_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=40, blank=True, help_text="Code; words in health.py.")
    outcome_detail = models.CharField(max_length=300, blank=True)
    external_id = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    looks = models.PositiveSmallIntegerField(default=0, help_text="How often we looked for an unclear one.")
    is_told = models.BooleanField(default=True, help_text="False: a listener failed; the outcome is told again.")
    created_at = models.DateTimeField()

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["channel", "not_before", "id"], condition=Q(state="waiting"), name="outgoing_due"),
            models.Index(fields=["channel", "fenced_at"], condition=Q(fenced_at__isnull=False), name="outgoing_fenced"),
            models.Index(fields=["channel", "external_id"], condition=~Q(external_id=""), name="outgoing_spoken_of"),
            models.Index(fields=["public_post"], condition=Q(public_post__isnull=False), name="outgoing_post"),
            models.Index(fields=["leased_until"], condition=Q(state="sending"), name="outgoing_sending"),
            models.Index(fields=["state", "-id"], name="outgoing_state"),
            models.Index(
                fields=["channel", "state", "-id"],
                condition=Q(state__in=HANDS) & ~Q(kind__in=MARKS),
                name="outgoing_hand",
            ),
            models.Index(
                fields=["channel", "lane", "id"], condition=Q(state__in=["waiting", "sending"]), name="outgoing_lane"
            ),
            models.Index(fields=["id"], condition=Q(is_told=False), name="outgoing_untold"),
            models.Index(fields=["-finished_at", "-id"], condition=Q(state="accepted"), name="outgoing_left"),
        ]


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds, chosen by sentences."""

    def in_force(self) -> Self:
        """Not lifted."""
        return self.filter(lifted_at=None)

    def may_be_changed_by(self, user: User) -> Self:
        """Every hold, or those on channels and sites this user is limited to."""
        sites = sites_of(user)
        if sites is None:
            return self
        return self.filter(
            Q(site_id__in=sites) | Q(channel__site_id__in=sites) | Q(public_post__channel__site_id__in=sites)
        )


class Hold(models.Model):
    """Somebody keeps things here: nothing this holds begins to leave until it is lifted. Lifted ones stay as a record.

    `source` is whose hold it is: empty for the page of the outbox, else a word of the room that set it
    (`incident:7`), so that one room never lifts what another one holds.
    """

    class Scope(models.TextChoices):
        OUTSIDE = "outside", _("Everything to people outside")
        EVERYTHING = "everything", _("Everything, mails to colleagues too")
        CHANNEL = "channel", _("One channel")
        SITE = "site", _("One site")
        KIND = "kind", _("One kind of thing")
        PUBLIC_POST = "public_post", _("Under one public post")
        LANE = "lane", _("One conversation")

    scope = models.CharField(max_length=20, choices=Scope.choices)
    channel = models.ForeignKey(
        "channels.Channel", null=True, blank=True, on_delete=models.CASCADE, related_name="holds"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="holds")
    public_post = models.ForeignKey(
        "channels.PublicPost", null=True, blank=True, on_delete=models.CASCADE, related_name="holds"
    )
    value = models.CharField(max_length=80, blank=True, help_text="The kind, or the lane.")
    why = models.CharField(_("why"), max_length=300)
    source = models.CharField(max_length=60, blank=True)
    set_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "channel", "site", "public_post", "value", "source"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="one_hold_in_force",
            )
        ]


class Status(models.Model):
    """What a platform says became of a message of ours, also when it says so before it answered our call."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=300, help_text="Of our message, at the platform.")
    status = models.CharField(max_length=30)
    rank = models.SmallIntegerField(help_text="A later rank wins, whatever the order of arrival.")
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "external_id"], name="one_status")]
