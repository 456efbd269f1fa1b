from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "vpdportal.look"
    label = "look"
