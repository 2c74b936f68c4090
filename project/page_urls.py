"""Addresses of the kernel's pages."""

from django.urls import path

from project.views import files, jobs, profile, search

urlpatterns = [
    path("search/", search.search_page, name="search"),
    path("files/", files.files, name="files"),
    path("files/<int:pk>/", files.file, name="file"),
    path("files/<int:pk>/reload/", files.reload_file, name="file-reload"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel_job, name="job-cancel"),
    path("jobs/<int:pk>/rerun/", jobs.rerun_job, name="job-rerun"),
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.make_token, name="token-new"),
    path("profile/tokens/<int:pk>/revoke/", profile.revoke_token, name="token-revoke"),
]
