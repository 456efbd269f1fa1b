from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "vpdportal.audit"
    label = "audit"
