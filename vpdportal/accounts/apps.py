from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "vpdportal.accounts"
    label = "accounts"
