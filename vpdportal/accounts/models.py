"""People and where they belong."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.roles import Role
from vpdportal.labels import Labelled


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None = None, **more: Any) -> "User":
        """A person who can sign in; without `password` only through another way in (demo, single sign-on)."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person with an account. Rights come from memberships only; there is no superuser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("work e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )  # of the mails; on the screen the switch decides
    phone = models.CharField(_("work telephone"), max_length=30, blank=True)
    works_on = models.CharField(
        _("days on which you work"), max_length=7, blank=True
    )  # as date.isoweekday() counts, such as "1245"; empty: each day on which the office is open
    wants_halfway_mail = models.BooleanField(_("mail when half of the time of a task has passed"), default=True)
    wants_news_mail = models.BooleanField(_("mail when there is something to read in my report"), default=True)
    wants_overview_mail = models.BooleanField(_("mail when a new overview is there"), default=False)
    mail_refused_at = models.DateTimeField(null=True)  # the mail server says that the address does not exist
    is_emergency_account = models.BooleanField(
        _("emergency account: signs in with a password where others use single sign-on"), default=False
    )
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [models.Index(Upper("name"), name="user_by_name")]  # a whole name, in capitals or not

    def __str__(self) -> str:
        return self.name

    def works_on_day(self, day: date) -> bool:
        """By the days of the week that this person gave; without any, each day."""
        return not self.works_on or str(day.isoweekday()) in self.works_on


class OrganisationKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    PROVINCE = "province", _("province")
    WATER_BOARD = "water_board", _("water board")
    AGENCY = "agency", _("executive agency")


class PasswordSignIn(models.TextChoices):
    """Who may sign in with a password of the portal itself."""

    EVERYONE = "everyone", _("everyone with an account")
    EMERGENCY = "emergency", _("emergency accounts only; everyone else signs in with the organisation's own account")


def second_factor_roles() -> list[str]:
    """[OWN] Every role that reads what others wrote; who only reports may do without."""
    return [role.value for role in Role if role != Role.EMPLOYEE]


# In letters, which are Dutch. [OWN], handbook 7.2: which ground holds is for the organisation and its officer to say.
PUBLIC_TASK = "een taak van algemeen belang (artikel 6, eerste lid, onder e, van de AVG)"


class Organisation(models.Model):
    """A public body. Every row of its own carries it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("short name in addresses"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    reference_prefix = models.CharField(
        _("letters before a report's number"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{2,3}$", _("Use two or three capital letters."))],
    )
    internal_alarm = models.CharField(_("internal alarm number"), max_length=30, blank=True)
    emergency_instruction = models.CharField(_("what to do when it is not safe"), max_length=200, blank=True)
    confidant = models.CharField(_("confidential adviser: name and number"), max_length=120, blank=True)
    support_contact = models.CharField(_("collegial support team: number"), max_length=120, blank=True)
    postal_address = models.TextField(
        _("postal address"),
        max_length=300,
        blank=True,
        help_text=_("On letters, and as the address that the police and the court use in place of a home address."),
    )
    data_officer = models.CharField(
        _("data protection officer: how to reach"),
        max_length=200,
        blank=True,
        help_text=_("In letters, for questions about privacy: a function with an address or a number, and no name."),
    )
    processing_ground = models.CharField(
        _("ground for keeping data of perpetrators"),
        max_length=200,
        default=PUBLIC_TASK,
        help_text=_(
            "In Dutch, as it follows on “Wij mogen dit op grond van”. Settle it with your data protection officer and "
            "your lawyer."
        ),
    )
    second_eyes_from = models.PositiveSmallIntegerField(
        _("second pair of eyes from severity"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text=_("From this severity someone else agrees with a measure before it is signed."),
    )
    quiet_after_days = models.PositiveSmallIntegerField(
        _("days until a case has gone quiet"), default=14, validators=[MinValueValidator(3), MaxValueValidator(90)]
    )
    ends_soon_days = models.PositiveSmallIntegerField(
        _("days in which a measure ends soon"), default=30, validators=[MinValueValidator(7), MaxValueValidator(90)]
    )
    password_sign_in = models.CharField(
        _("who may sign in with a password"),
        max_length=10,
        choices=PasswordSignIn.choices,
        default=PasswordSignIn.EVERYONE,
    )
    second_factor_roles = models.JSONField(
        _("roles that need a second factor"), default=second_factor_roles, blank=True
    )  # codes of Role
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_eyes_from__gte=1, second_eyes_from__lte=4), name="organisation_second_eyes_1_to_4"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of an organisation, perhaps under another one. `headcount` is without the people of what is under it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="departments")
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), on_delete=models.PROTECT, null=True, blank=True, related_name="parts"
    )
    name = models.CharField(_("name"), max_length=80)
    headcount = models.PositiveIntegerField(_("number of people"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="department_named_once"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="department_not_under_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Labelled):
    """What a person is in an organisation, from a day, and perhaps until a day (the last one on which it holds)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(max_length=40, blank=True)  # the identity provider that gives and ends it; empty: we do

    class Meta:
        ordering = ["user__name", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="membership_by_role")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Absence(models.Model):
    """A time in which someone's new tasks and reminders go to the deputy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_at:%d-%m-%Y} - {self.ends_at:%d-%m-%Y}"


class ProposalStatus(models.TextChoices):
    OPEN = "open", _("waits for a second person")
    AGREED = "agreed", _("agreed")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RoleProposal(models.Model):
    """A role that opens much: one person asks for it, another one agrees before it holds (design of access, R8)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="role_proposals")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user", "role"],
                name="role_proposed_once",
                condition=Q(status=ProposalStatus.OPEN),
            ),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.OPEN, decided_at__isnull=True)
                | (~Q(status=ProposalStatus.OPEN) & Q(decided_at__isnull=False)),
                name="role_proposal_decided_at_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status=ProposalStatus.AGREED) | ~Q(decided_by=F("proposed_by")),
                name="role_proposal_agreed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
