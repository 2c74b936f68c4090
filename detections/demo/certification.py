"""What the demonstration certifies: a golden file of the simulated runs, a few proposals of simulated people, and
the masks of before and after.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from detections.models import Proposal, Trial
from detections.proposals.worklist import Asked, Interval, worklist
from detections.services.deciding import reject, sign
from detections.services.proposals import Range, Words, propose
from detections.verdicts.choice import choose
from histos.simulation import EXPERIMENT
from project.jobs.reporter import Reporter
from runs.golden.operands import spec_of
from runs.golden.store import store_mask
from runs.golden.workbench import work
from runs.masks.names import file_name
from runs.models import Lumisection, Run
from runs.records import CertificationRecord
from runs.services import CertificationStore

SOURCE = "simulated golden"
DETECTOR = "reference_chi2"
NOT_CERTIFIED = 2
"""So many of the newest runs nobody has certified."""
PROPOSED = 6
SHIFTER, EXPERT = "simulated-shifter", "simulated-expert"


def certify(set_name: str, load: Callable[..., dict[str, Any]], reporter: Reporter) -> dict[str, Any]:
    """``load`` takes the name of a reader, what reads, a store and the reporter, and counts what became of it."""
    store = CertificationStore(SOURCE, EXPERIMENT)
    golden = list(_golden())
    counts = load("simulated certifications", lambda: iter(golden), store, reporter)
    masks = _mask("as the golden file says") if counts["stored"] else 0
    made = _proposals(set_name)
    masks += _mask("after the signatures") if made else 0
    return counts | {"stored": counts["stored"] + made + masks, "proposals": made, "masks": masks}


def _mask(comment: str) -> int:
    """Keep what is certified golden now as the next version."""
    golden = work([spec_of("flag", flag="golden")], experiment=EXPERIMENT)
    name = file_name("Simulated", golden.kind, *golden.looked_at).removesuffix(".json")
    words = {"comment": f"simulated: {comment}", "owner": _person(EXPERT, "expert")}
    return int(store_mask(golden, name=name, **words)[1])


def _golden() -> Iterator[CertificationRecord]:
    """All but a twentieth of every run, at another place in each."""
    runs = list(Run.objects.of(EXPERIMENT).filter(simulated=True).order_by("number"))
    ends = Lumisection.objects.spans(run.pk for run in runs)
    for line, run in enumerate(runs[:-NOT_CERTIFIED], start=1):
        last = ends[run.pk][-1][1]
        gap = 1 + (line * 7 * last) // 100 % last
        after = gap + max(last // 20, 1)
        for first, end in ((1, gap - 1), (after, last)):
            if first <= end:
                yield CertificationRecord(line, run.number, first, end, "golden", "GOOD")


def _proposals(set_name: str) -> int:
    """Of what the worklist puts first some are signed, one is rejected, the rest waits. Made once."""
    shifter, expert = _person(SHIFTER, "shifter"), _person(EXPERT, "expert")
    trial = Trial.objects.filter(sample_set__name=set_name, detector=DETECTOR).exclude(threshold=None).first()
    if trial is None or Proposal.objects.filter(user=shifter).exists():
        return 0
    first = worklist(Asked((trial.pk,), gap=1, decided=True)).intervals[:PROPOSED]
    made = [_proposal(shifter, one, trial) for one in first]
    for number, one in enumerate(made):
        if number < PROPOSED // 3:
            sign(one, expert, "simulated: agreed")
        elif number == PROPOSED // 3:
            reject(one, expert, "simulated: within the fluctuations")
    return len(made)


def _proposal(shifter: Any, one: Interval, trial: Trial) -> Proposal:
    evidence = choose({trial.pk: None}, runs=[one.run.number]).evidence()
    words = Words("golden", "shape", "simulated: an injected fault", evidence={"trials": evidence["trials"]})
    return propose(shifter, [(one.run, [Range(one.first, one.last, "BAD")])], words)[0][0]


def _person(name: str, role: str) -> Any:
    """Somebody who cannot sign in."""
    users = get_user_model().objects
    person, new = users.get_or_create(username=name, defaults={"is_active": False})
    if new:
        person.set_unusable_password()
        person.save()
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    return person
