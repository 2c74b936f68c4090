import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application: Any = get_asgi_application()

# They read the settings, which Django has set up just now.
from project import garbage  # noqa: E402
from project.body_limits import BodyLimits  # noqa: E402
from project.turns import Turns  # noqa: E402

application = BodyLimits(Turns(django_application))
garbage.settle()
