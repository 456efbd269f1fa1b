from django.urls import path

from benchmarks.bare import views

urlpatterns = [
    path("empty/", views.empty, name="empty"),
    path("least/", views.least, name="least"),
    path("rows/", views.rows, name="rows"),
    path("form/", views.form, name="form"),
]
