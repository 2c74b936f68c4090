"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

from project.access import reader_required
from project.api import router
from project.sign_in import ChangePassword, SignIn

handler400 = "project.problems.bad_request"
handler403 = "project.problems.forbidden"
handler404 = "project.problems.not_found"
handler500 = "project.problems.server_error"

urlpatterns = [
    path("", include("detections.urls")),
    path("", include("histos.urls")),
    path("", include("runs.urls")),
    path("", include("lightcurves.urls")),
    path("", include("project.page_urls")),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="password"),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", reader_required(TemplateView.as_view(template_name="api_docs.html")), name="api-docs"),
    path("admin/", admin.site.urls),
]
