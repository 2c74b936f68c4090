import os
from typing import Any

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

# They read the settings, which Django has set up just now.
from project import garbage  # noqa: E402
from project.body_limits import BodyLimits  # noqa: E402
from project.handler import OneThread  # noqa: E402
from project.sqlite3.kept import KEPT  # noqa: E402
from project.turns import Turns  # noqa: E402

django_application: Any = OneThread()
application = BodyLimits(Turns(django_application))
KEPT.most = settings.LUMISIFT_REQUESTS_AT_ONCE
garbage.settle()
