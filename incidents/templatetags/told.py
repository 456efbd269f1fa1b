"""Numbers in templates, in the words of incidents.overview.wording and no others."""

from django import template

from incidents.overview.wording import euros_text, percent_text, share_text, told_text

register = template.Library()
register.filter("told", told_text)
register.filter("share", share_text)
register.filter("percent", percent_text)
register.filter("euros", euros_text)
