from django.urls import path

from vpdportal.demo import views

urlpatterns = [
    path("word/<uuid:pk>/", views.become, name="demo_become"),
    path("klok/", views.move, name="demo_clock"),
    path("postvak/", views.mailbox, name="demo_mailbox"),
]
