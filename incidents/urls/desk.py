"""Pages of who works on cases and of who was given a task."""

from django.urls import path

from incidents.views import (
    case_facts,
    case_renewal,
    casework,
    closing,
    desk,
    evidence,
    messages,
    near_miss,
    tasks,
    visibility,
    witness,
)

urlpatterns = [
    path("dossier/<uuid:pk>/incident/", near_miss.become_incident, name="case_became_incident"),
    path("werkvoorraad/", desk.work_list, name="work_list"),
    path("dossiers/", desk.case_list, name="case_list"),
    path("afwezig/", desk.absence, name="absence"),
    path("afwezig/<uuid:pk>/vervalt/", desk.cancel, name="absence_cancel"),
    path("dossier/<uuid:pk>/", casework.case, name="case"),
    path("dossier/<uuid:pk>/feiten/", casework.facts, name="case_facts"),
    path("dossier/<uuid:pk>/feiten/wijzigen/", case_facts.edit, name="case_facts_edit"),
    path("dossier/<uuid:pk>/opnieuw/", case_renewal.renew, name="case_renew"),
    path("dossier/<uuid:pk>/ernst/", casework.severity, name="case_severity"),
    path("dossier/<uuid:pk>/notitie/", casework.note, name="case_note"),
    path("dossier/<uuid:pk>/bericht/<uuid:person_pk>/", messages.to_person, name="case_message"),
    path("dossier/<uuid:pk>/vraag/<uuid:person_pk>/", messages.ask, name="case_question"),
    path("dossier/<uuid:pk>/sluiten/", casework.close, name="case_close"),
    path("dossier/<uuid:pk>/heropenen/", closing.case_reopen, name="case_reopen"),
    path("dossier/<uuid:pk>/bewijs/<uuid:evidence_pk>/", evidence.as_received, name="case_evidence"),
    path("dossier/<uuid:pk>/bewijs/<uuid:evidence_pk>/kopie/", evidence.view_copy, name="case_evidence_copy"),
    path("dossier/<uuid:pk>/advies/<uuid:measure_pk>/", casework.measure, name="case_measure"),
    path("dossier/<uuid:pk>/getuige/", witness.case_witness, name="case_witness"),
    path("dossier/<uuid:pk>/betrokkene/", witness.case_affected, name="case_affected"),
    path("dossier/<uuid:pk>/wie-ziet/", visibility.case_visibility, name="case_visibility"),
    path("taken/", tasks.my_tasks, name="my_tasks"),
    path("taak/<uuid:pk>/", tasks.task, name="task"),
    path("taak/<uuid:pk>/gedaan/", tasks.finish, name="task_finish"),
    path("taak/<uuid:pk>/niet-gedaan/", tasks.decline, name="task_decline"),
    path("taak/<uuid:pk>/overdragen/", tasks.hand_over, name="task_hand_over"),
]
