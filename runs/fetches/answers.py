"""Files that hold answers of a service, as the ledger of loads knows them."""

from project.models import SourceFile

SERVICE = "service"
"""Name of the option under which the load of an answer keeps the address of the service."""


def files_of(service: str, file_ids: set[int | None]) -> set[int | None]:
    """Those of the files that are answers of the service at this address."""
    named = [file_id for file_id in file_ids if file_id is not None]
    if not service or not named:
        return set()
    own = SourceFile.objects.filter(pk__in=named, **{f"options__{SERVICE}": service})
    return set(own.values_list("pk", flat=True))
