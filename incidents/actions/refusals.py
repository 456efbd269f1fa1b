"""Why an action did not happen. The message is shown to the person and says how to go on."""

from django.utils.translation import gettext_lazy as _


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


class ReasonNeeded(Refused):
    message = _("Give a reason, so that others can follow the decision later.")


class TasksStillOpen(Refused):
    message = _("There are still open tasks. Finish them or say why they are not done, then close the case.")


class NotOneStep(Refused):
    message = _("The severity can be moved one step up or down from what is proposed.")


class CannotBeGiven(Refused):
    message = _("This person cannot be given tasks in this organisation. Choose someone else.")


class NobodyOnDuty(Refused):
    message = _("This organisation has no VPD adviser yet. Ask your administrator to appoint one.")
