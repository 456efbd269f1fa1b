"""What people ask about their own data, and how the organisation accounts for what it keeps."""

from django.urls import path

from incidents.views import accountability, data_carrying_out, data_pieces, data_requests, own_data

urlpatterns = [
    path("mijn-gegevens/", own_data.my_data, name="my_data"),
    path("mijn-gegevens/<uuid:pk>/<str:kind>/", own_data.my_data_file, name="my_data_file"),
    path("verzoeken/", data_requests.requests, name="data_requests"),
    path("verzoeken/nieuw/", data_requests.new, name="data_request_new"),
    path("verzoeken/<uuid:pk>/", data_requests.one, name="data_request"),
    path("verzoeken/<uuid:pk>/wie/", data_requests.identity, name="data_request_identity"),
    path("verzoeken/<uuid:pk>/verlengen/", data_requests.extend, name="data_request_extend"),
    path("verzoeken/<uuid:pk>/ingetrokken/", data_requests.withdraw, name="data_request_withdraw"),
    path("verzoeken/<uuid:pk>/persoon/", data_requests.person, name="data_request_person"),
    path("verzoeken/<uuid:pk>/verzamelen/", data_requests.gather, name="data_request_collect"),
    path("verzoeken/<uuid:pk>/klaar/", data_requests.ready, name="data_request_ready"),
    path("verzoeken/<uuid:pk>/terug/", data_requests.back, name="data_request_back"),
    path("verzoeken/<uuid:pk>/besluit/", data_requests.decision, name="data_request_decide"),
    path("verzoeken/<uuid:pk>/wissen/", data_carrying_out.erasing, name="data_request_erase"),
    path("verzoeken/<uuid:pk>/verbeteren/", data_carrying_out.correcting, name="data_request_correct"),
    path("verzoeken/<uuid:pk>/opheffen/", data_carrying_out.ending, name="data_request_end"),
    path("verzoeken/<uuid:pk>/stukken/", data_pieces.pieces, name="data_pieces"),
    path("verzoeken/<uuid:pk>/stukken/volgens-voorstel/", data_pieces.proposed, name="data_pieces_proposed"),
    path("verzoeken/<uuid:pk>/stukken/<uuid:piece_pk>/", data_pieces.piece, name="data_piece"),
    path("verzoeken/<uuid:pk>/bestand/<str:kind>/", data_pieces.file, name="data_request_file"),
    path("verantwoording/", accountability.choose, name="accountability_choose"),
    path("verantwoording/<slug:slug>/", accountability.sheets, name="accountability"),
    path("verantwoording/<slug:slug>/<str:code>/", accountability.sheet, name="accountability_sheet"),
    path("verantwoording/<slug:slug>/<str:code>/antwoorden/", accountability.answer, name="accountability_answer"),
    path("verantwoording/<slug:slug>/<str:code>/bestand/<str:kind>/", accountability.file, name="accountability_file"),
]
