"""The addresses of the portal. Everything asks for a signed-in person unless its view says otherwise."""

from django.urls import include, path

urlpatterns = [
    path("", include("incidents.urls")),
    path("", include("vpdportal.accounts.urls")),
    path("demo/", include("vpdportal.demo.urls")),
]

handler400 = "incidents.views.failures.bad_request"
handler403 = "incidents.views.failures.forbidden"
handler404 = "incidents.views.failures.not_found"
handler500 = "incidents.views.failures.server_error"
