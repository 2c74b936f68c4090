"""Load the demonstration and run the main job on it."""

from typing import Any

from detections.tasks import load_demo
from project.management.work import WorkCommand


class Command(WorkCommand):
    help = (
        "Load the OGLE-III catalogue, the MACHO light curves and simulated CMS runs; freeze a sample set of each, run "
        "detectors on them and compare. Real CMS, CRTS and ZTF files too, where LUMISIFT_REAL_DATA names their folder. "
        "Run again, it finds everything and does nothing twice."
    )
    example = "manage.py load_demo --json"
    can_queue = True

    def handle(self, **options: Any) -> None:
        result = self.work(load_demo, title="load the demonstration")
        if not self.as_json:
            for one in result["comparisons"]:
                self.stdout.write(
                    f"compared {one['trials']} trials on {one['sample_set']}: /compare/{one['id']}/"
                )
        counts = [step for step in result["steps"].values() if "stored" in step]
        total = {
            name: sum(step.get(name, 0) for step in counts)
            for name in ("stored", "known", "conflicts", "rejected")
        }
        self.finish({**total, **result}, ok=not (total["conflicts"] or total["rejected"]))
