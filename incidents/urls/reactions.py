"""Reactions to perpetrators, and the register of what runs."""

from django.urls import path

from incidents.views import case_reactions, reaction_register, reaction_signing, reactions

urlpatterns = [
    path("dossier/<uuid:pk>/reactie/", case_reactions.case_reactions, name="case_reactions"),
    path("dossier/<uuid:pk>/reactie/nieuw/<slug:kind>/", reactions.reaction_new, name="reaction_new"),
    path("reactie/<uuid:pk>/", reactions.reaction, name="reaction"),
    path("reactie/<uuid:pk>/wijzigen/", reactions.reaction_edit, name="reaction_edit"),
    path("reactie/<uuid:pk>/stap/<slug:step>/", reactions.reaction_step, name="reaction_step"),
    path("reactie/<uuid:pk>/overtreding/", reactions.reaction_breach, name="reaction_breach"),
    path("reactie/<uuid:pk>/verlengen/", reactions.reaction_extend, name="reaction_extend"),
    path("reactie/<uuid:pk>/tekenen/", reaction_signing.reaction_sign, name="reaction_sign"),
    path("reactie/<uuid:pk>/meekijken/", reaction_signing.reaction_second, name="reaction_second"),
    path("maatregelen/", reaction_register.reaction_register, name="reaction_register"),
]
