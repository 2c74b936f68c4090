"""Three runs with luminosities, and certifications of two flags, for the tests of masks."""

from runs.models import Certification, Lumisection, Run

GOLDEN = "Cert_Collisions2024_000001_000009_Golden.json"


def make_runs() -> None:
    """Runs 1 and 2 with ten lumisections of 0.5 and 2 pb⁻¹; run 3 with five of which nothing is known."""
    for number, recorded, last in ((1, 0.5, 10), (2, 2.0, 10), (3, None, 5)):
        run = Run.objects.create(number=number)
        Lumisection.objects.bulk_create(
            Lumisection(run=run, number=n, recorded_luminosity=recorded, delivered_luminosity=recorded)
            for n in range(1, last + 1)
        )


def certify(
    flag: str, *ranges: tuple[int, int, int | None, str], source: str = "file.json", version: str = ""
) -> None:
    runs = {number: pk for pk, number in Run.objects.values_list("id", "number")}
    for run, first, last, status in ranges:
        Certification.objects.create(
            run_id=runs[run], first=first, last=last, flag=flag, status=status, source=source, version=version
        )
