"""The codes of the field, each with its word on the screen. The list is ours, built from several sources
(handbook 4.2 [OWN]); docs/glossary.md ties the words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Behaviour(models.TextChoices):
    VERBAL_ABUSE = "verbal_abuse", _("Verbal abuse")
    INSULT = "insult", _("Insult")
    INTIMIDATION = "intimidation", _("Intimidation")
    THREAT = "threat", _("Threat")
    DISCRIMINATION = "discrimination", _("Discrimination")
    SEXUAL_HARASSMENT = "sexual_harassment", _("Sexual intimidation")
    STALKING = "stalking", _("Stalking")
    DOXING = "doxing", _("Doxing")
    ONLINE_HATE = "online_hate", _("Online hate")
    PHYSICAL_VIOLENCE = "physical_violence", _("Physical violence")
    SPITTING = "spitting", _("Spitting")
    WEAPON = "weapon", _("Weapon")
    VANDALISM = "vandalism", _("Vandalism")
    TRESPASS = "trespass", _("Trespass")
    OBSTRUCTION = "obstruction", _("Obstruction of work")
    UNDUE_PRESSURE = "undue_pressure", _("Improper pressure")
    OTHER = "other", _("Something else")


class Severity(models.IntegerChoices):
    """Handbook 4.2 and 11.1 [OWN]."""

    NUISANCE = 1, _("1 nuisance")
    VERBAL = 2, _("2 verbal")
    THREATENING = 3, _("3 threatening or aimed at the person")
    VIOLENT = 4, _("4 violence or severe")


class Channel(models.TextChoices):
    COUNTER = "counter", _("At the counter")
    INTERVIEW_ROOM = "interview_room", _("In an interview room")
    TELEPHONE = "telephone", _("By telephone")
    EMAIL_OR_LETTER = "email_or_letter", _("By e-mail or letter")
    HOME_VISIT = "home_visit", _("On a home visit")
    PUBLIC_SPACE = "public_space", _("Outdoors, in public space")
    OFF_DUTY = "off_duty", _("Off duty")
    PRIVATE_HOME = "private_home", _("At one's own home")
    MEETING = "meeting", _("At a meeting")
    SOCIAL_MEDIA = "social_media", _("On social media")
    OTHER = "other", _("Elsewhere")


class Motive(models.TextChoices):
    """Never a diagnosis."""

    FRUSTRATION = "frustration", _("Frustration")
    INSTRUMENTAL = "instrumental", _("To get something done")
    UNCONTROLLED = "uncontrolled", _("Not in control, for example confused or intoxicated")
    UNKNOWN = "unknown", _("Not known")


class TargetGroup(models.TextChoices):
    EMPLOYEE = "employee", _("Employee")
    COUNTER_STAFF = "counter_staff", _("Counter staff")
    SOCIAL_SERVICES = "social_services", _("Social services")
    ENFORCEMENT_OFFICER = "enforcement_officer", _("Enforcement officer (boa)")
    FIELD_STAFF = "field_staff", _("Field staff")
    MAYOR = "mayor", _("Mayor")
    ALDERMAN = "alderman", _("Alderman")
    COUNCILLOR = "councillor", _("Councillor")
    COUNCIL_CLERK = "council_clerk", _("Council clerk")
    MUNICIPAL_SECRETARY = "municipal_secretary", _("Municipal secretary")
    KINGS_COMMISSIONER = "kings_commissioner", _("King's commissioner")
    PROVINCIAL_EXECUTIVE = "provincial_executive", _("Member of the provincial executive")
    PROVINCIAL_COUNCILLOR = "provincial_councillor", _("Provincial councillor")
    WATER_BOARD_CHAIR = "water_board_chair", _("Chair of a water board")
    WATER_BOARD_EXECUTIVE = "water_board_executive", _("Member of a water board's executive")
    WATER_BOARD_MEMBER = "water_board_member", _("Member of a water board's general council")
    TEMPORARY_OR_VOLUNTEER = "temporary_or_volunteer", _("Temporary worker or volunteer")
    RELATIVE = "relative", _("Relative")


class Relation(models.TextChoices):
    CITIZEN = "citizen", _("Resident or client")
    BUSINESS = "business", _("Business")
    COLLEAGUE = "colleague", _("Colleague")
    OFFICE_HOLDER = "office_holder", _("Office holder")
    RELATIVE_OF_CLIENT = "relative_of_client", _("Relative of a client")
    UNKNOWN = "unknown", _("Not known")


class Phase(models.TextChoices):
    PREVENTION = "prevention", _("Prevention")
    REACTION = "reaction", _("Reaction")
    AFTERCARE = "aftercare", _("Aftercare")


class ItemStatus(models.TextChoices):
    """W, A and O of the handbook: may an organisation switch it off?"""

    LAW = "law", _("law")
    NORM = "norm", _("agreed norm")
    OPTIONAL = "optional", _("choice")


class Strength(models.TextChoices):
    MUST = "must", _("has to be done")
    MAY = "may", _("can be chosen")


# Groups that the menu's conditions name (handbook 4.2: politiek_ambtsdrager; P08's list of the national scheme).
OFFICE_HOLDERS = (
    TargetGroup.MAYOR,
    TargetGroup.ALDERMAN,
    TargetGroup.COUNCILLOR,
    TargetGroup.COUNCIL_CLERK,
    TargetGroup.KINGS_COMMISSIONER,
    TargetGroup.PROVINCIAL_EXECUTIVE,
    TargetGroup.PROVINCIAL_COUNCILLOR,
    TargetGroup.WATER_BOARD_CHAIR,
    TargetGroup.WATER_BOARD_EXECUTIVE,
    TargetGroup.WATER_BOARD_MEMBER,
)

# Who the national scheme for home security covers (P08) [S109][S110]; council members are not in it.
HOME_SCHEME = (
    TargetGroup.MAYOR,
    TargetGroup.ALDERMAN,
    TargetGroup.KINGS_COMMISSIONER,
    TargetGroup.PROVINCIAL_EXECUTIVE,
    TargetGroup.WATER_BOARD_CHAIR,
    TargetGroup.WATER_BOARD_EXECUTIVE,
)


class Occurrence(models.TextChoices):
    """How often the same person did it within twelve months: the columns of the ladder (handbook 3.3)."""

    FIRST = "first", _("first time")
    SECOND = "second", _("second time within 12 months")
    LATER = "later", _("third time or later")


class Effect(models.TextChoices):
    """What a rule between items does with the items that it is about."""

    DROP = "drop", _("falls away")
    HOLD = "hold", _("waits")
    FIRST = "first", _("comes first")


class ClosedDay(models.TextChoices):
    """Whether 5 May is a day off: that is the organisation's choice (handbook 11.1)."""

    LUSTRUM = "lustrum", _("once in five years")
    ALWAYS = "always", _("every year")
    NEVER = "never", _("never")
