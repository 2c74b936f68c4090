"""Tells Django which admin site is ours; it must not import models, which are not there yet when this is read."""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    default_site = "project.admin_site.LumisiftAdmin"
