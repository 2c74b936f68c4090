"""Addresses of the kernel's pages: the search, files, jobs, the profile."""

from django.urls import path

from project import pages

urlpatterns = [
    path("search/", pages.search_page, name="search"),
    path("files/", pages.search_page, name="files"),
    path("jobs/", pages.search_page, name="jobs"),
    path("profile/", pages.search_page, name="profile"),
]
