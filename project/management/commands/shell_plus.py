"""``shell_plus`` of django-extensions, whose ``--notebook`` asks for a Jupyter of before 2023."""

import os
import traceback
from collections.abc import Callable
from typing import Any

from django_extensions.management.commands import shell_plus


class Command(shell_plus.Command):
    @shell_plus.shell_runner(flags=["--notebook"], name="Jupyter Notebook")
    def get_notebook(self, options: dict[str, Any]) -> Callable[[], None] | str:
        try:
            from notebook.app import JupyterNotebookApp
        except ImportError:
            return f"pip install -r requirements-notebook.txt\n{traceback.format_exc()}"
        # Cells run inside an event loop, where Django refuses queries lest they hold up other requests.
        # A notebook has none.
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        return lambda: self.run_notebookapp(JupyterNotebookApp.initialize_server, options)
