"""Why an action did not happen. The message is shown to the person and says how to go on."""

from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import Organisation


class Refused(Exception):
    """The base of all refusals. `str()` gives the sentence for the screen."""

    message = _("This is not possible now.")

    def __str__(self) -> str:
        return str(self.args[0] if self.args else self.message)


class AlreadyFinished(Refused):
    message = _("Someone else finished this task just before you. Nothing was changed twice.")


class AlreadyDecided(Refused):
    message = _("This advice was already decided on. Look at the page again to see by whom.")


class ComesByItself(Refused):
    message = _("This follows by itself when what it waits for is done.")


class CardChanged(Refused):
    message = _("A newer menu card was published after you opened this. Look at what it changes, then take it over.")


class CaseClosed(Refused):
    message = _("This case is closed. Nothing can be changed in it any more.")


class NotClosed(Refused):
    message = _("This report is not closed: it is being worked on. Send a message to tell more.")


class ReasonNeeded(Refused):
    message = _("Give a reason, so that others can follow the decision later.")


class TasksStillOpen(Refused):
    message = _("There are still open tasks. Finish them or say why they are not done, then close the case.")


class NotOneStep(Refused):
    message = _("The severity can be moved one step up or down from what is proposed.")


class CannotBeGiven(Refused):
    message = _("This person cannot be given tasks in this organisation. Choose someone else.")


class NobodyOnDuty(Refused):
    """Nobody would act on it. Says whom to call instead: who reads it may just have been hit."""

    message = _("This organisation has no VPD adviser now who can act on this report, so it is not sent.")
    confidant = _("Talk with the confidential adviser: %(contact)s.")
    support = _("Call the collegial support team: %(contact)s.")
    nobody = _("Do you need help? Tell your manager, or a colleague you trust.")
    later = _("Ask your administrator to appoint a VPD adviser, then send it.")

    def __init__(self, organisation: Organisation) -> None:
        known = ((self.confidant, organisation.confidant), (self.support, organisation.support_contact))
        calls = [str(sentence) % {"contact": contact} for sentence, contact in known if contact]
        super().__init__(" ".join([str(self.message), *(calls or [str(self.nobody)]), str(self.later)]))
