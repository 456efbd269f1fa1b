"""Sentences that several pages of signing in say alike."""

from django.utils.translation import gettext_lazy as _

# The same for an unknown address, a wrong password, a closed account and a way that is not theirs.
DOES_NOT_FIT = _("This e-mail address and password do not belong together. Check both and try again.")
PASSKEY_REFUSED = _("With this passkey you cannot sign in here. Use another way.")
TOO_OFTEN = _("That was tried too often. Wait a quarter of an hour and try again.")
