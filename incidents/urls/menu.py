"""Pages that show the menu."""

from django.urls import path

from incidents.views import menu_card, menu_pages

urlpatterns = [
    path("menukaart/", menu_card.card, name="menu_card"),
    path("menukaart/<slug:slug>/wat-als/", menu_pages.menu_try, name="menu_try"),
    path("menukaart/<slug:slug>/regels/", menu_pages.menu_rules, name="menu_rules"),
    path("menukaart/<slug:slug>/regels.pdf", menu_pages.menu_rules_pdf, name="menu_rules_pdf"),
    path("over-deze-menukaart/", menu_pages.menu_about, name="menu_about"),
    path("menukaart/<slug:slug>/maatregel/<slug:code>/", menu_card.item, name="menu_item"),
]
