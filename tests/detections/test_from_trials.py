"""What trials say together, with their thresholds: the states stay apart, and nothing is stored by looking."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.models import Detection, Proposal, SampleSet, Trial
from detections.proposals.worklist import Asked, worklist
from detections.services import run_trial
from detections.services.from_trials import propose_from_trials
from detections.services.proposals import WrongProposal
from detections.verdicts.choice import WrongChoice, choose
from detections.verdicts.judging import Vote, judge_together
from detections.verdicts.runs import judge_runs
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from runs.models import Lumisection, Run
from tests.detections.trials import make_set, make_trial

pytestmark = pytest.mark.django_db
NAN = float("nan")


def votes(*of: list[float]) -> list[Vote]:
    return [Vote(np.arange(1, len(values) + 1), np.array(values), 5.0) for values in of]


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        (1, ["bad", "bad", "good", "bad", "not scored", "not scored"]),
        (2, ["bad", "good", "good", "not scored", "good", "not scored"]),
    ],
)
def test_what_is_missing_decides_nothing(needed: int, expected: list[str]) -> None:
    one, other = [9, 9, 1, 9, 1, NAN], [9, 1, 1, NAN, NAN, NAN]
    numbers, states = judge_together(votes(one, other), needed)
    assert numbers.tolist() == [1, 2, 3, 4, 5, 6]
    assert states.tolist() == expected


@given(
    st.lists(st.lists(st.sampled_from([1.0, 9.0, NAN]), min_size=4, max_size=4), min_size=1, max_size=5),
    st.data(),
)
def test_whatever_the_missing_scores_are_a_verdict_holds(of: list[list[float]], data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, len(of)))
    filled = [
        [data.draw(st.sampled_from([1.0, 9.0])) if value != value else value for value in one] for one in of
    ]
    before, after = (judge_together(votes(*scores), needed)[1] for scores in (of, filled))
    known = before != "not scored"
    assert (after != "not scored").all()
    assert (before[known] == after[known]).all()


def test_the_threshold_itself_is_bad() -> None:
    assert judge_together(votes([5.0, 4.999]), 1)[1].tolist() == ["bad", "good"]


@pytest.fixture
def run(db: None) -> Run:
    """Lumisections 1 to 6 and 8 of 0.5 pb⁻¹."""
    made = Run.objects.create(number=5)
    Lumisection.objects.bulk_create(
        Lumisection(run=made, number=n, recorded_luminosity=0.5) for n in (1, 2, 3, 4, 5, 6, 8)
    )
    return made


@pytest.fixture
def trial(run: Run) -> Trial:
    """Scores 1, 9, 9, NaN, 2 of lumisections 1 to 5 of run 5; threshold 7."""
    keys = [f"CMS:5:{n} e" for n in (1, 2, 3, 4, 5)]
    return make_trial(make_set("a", keys=keys, runs=[5]), scores=[1, 9, 9, NAN, 2])


def test_states_and_luminosity_at_stake_of_a_run(run: Run, trial: Trial) -> None:
    (judged,) = judge_runs(choose({trial.pk: None}))
    assert [tuple(span) for span in judged.spans] == [
        (1, 1, "good"), (2, 3, "bad"), (4, 4, "not scored"), (5, 5, "good"), (6, 6, "not scored"), (7, 7, "no data"),
        (8, 8, "not scored"),
    ]  # fmt: skip
    assert judged.counts == {"good": 2, "bad": 2, "not scored": 3, "no data": 1}
    assert (judged.at_stake, judged.luminosity("good")) == (1.0, 1.0)
    assert not Proposal.objects.exists()


def test_histograms_without_an_entry_are_empty_and_not_merely_not_scored(run: Run, trial: Trial) -> None:
    dataset = Dataset.objects.create(name="d", primary_dataset="d")
    element = MonitoringElement.objects.create(name="e", binning="b", dimension=1, axes=[], storage="int64")
    for number, entries in ((4, 0), (6, 0), (8, 3)):
        LumisectionHistogram.objects.create(
            lumisection=run.lumisections.get(number=number), dataset=dataset, element=element, entries=entries,
            counts=np.zeros(3),
        )  # fmt: skip
    (judged,) = judge_runs(choose({trial.pk: None}))
    states = {n: span.state for span in judged.spans for n in range(span.first, span.last + 1)}
    assert (states[4], states[8]) == ("empty", "not scored")


def test_one_proposal_for_each_run_with_trials_thresholds_and_versions(
    run: Run, trial: Trial, shifter: Any
) -> None:
    chosen = choose({trial.pk: 8.5})
    (made,), _ = propose_from_trials(
        shifter, chosen, judge_runs(chosen), flag="golden", cause="shape", comment="by hand"
    )
    assert made.ranges == [[1, 1, "GOOD"], [2, 3, "BAD"], [5, 5, "GOOD"]]
    (told,) = made.evidence["trials"]
    assert told["id"] == trial.pk
    assert (told["threshold"], told["code_version"], told["sample_set_hash"]) == (
        8.5,
        "1",
        trial.sample_set.hash,
    )
    assert made.evidence["rule"] == "bad where the trial says so"
    assert made.origin == "trials"


def test_what_no_trial_scored_cannot_be_proposed(run: Run, shifter: Any) -> None:
    blind = make_trial(make_set("blind", keys=["CMS:5:1 e"], runs=[5]), scores=[NAN])
    chosen = choose({blind.pk: None})
    with pytest.raises(WrongProposal, match="scored nothing"):
        propose_from_trials(shifter, chosen, judge_runs(chosen), flag="golden")


def test_what_saw_injected_copies_says_nothing_of_real_runs(run: Run, trial: Trial) -> None:
    injected = make_trial(make_set("injected", trial.sample_set), scores=[1, 9, 9, NAN, 2])
    with pytest.raises(WrongChoice, match="nothing of real runs"):
        choose({injected.pk: None})
    Run.objects.update(simulated=True)
    assert choose({injected.pk: None}).evidence()["trials"][0]["injected"]


def test_a_wrong_choice_of_trials_is_told_by_field(run: Run, trial: Trial) -> None:
    other = make_set("other", experiment="X", runs=[5])
    for choice, name in [
        (({},), "trials"), (({999: None},), "trials"), (({trial.pk: None}, 2), "needed"),
        (({trial.pk: None}, 0), "needed"),
        (({trial.pk: None, make_trial(other).pk: None},), "trials"),
    ]:  # fmt: skip
        with pytest.raises(WrongChoice) as refused:
            choose(*choice)
        assert refused.value.field == name
    with pytest.raises(WrongChoice, match="saw run 7"):
        choose({trial.pk: None}, runs=[7])
    Trial.objects.update(threshold=None)
    with pytest.raises(WrongChoice, match="has no threshold: give one"):
        choose({trial.pk: None})


def flag(trial: Trial, run: Run, *numbers: int, start: int = 1) -> None:
    there = {one.number: one for one in run.lumisections.all()}
    for rank, number in enumerate(numbers, start=start):
        Detection.objects.create(
            trial=trial, rank=rank, position=rank, key=f"CMS:{run.number}:{number} e", score=10.0 - rank,
            lumisection=there[number],
        )  # fmt: skip


def ends(**asked: Any) -> list[tuple]:
    return [(one.first, one.last, one.n, one.luminosity) for one in worklist(Asked(**asked)).intervals]


def test_flagged_lumisections_that_follow_each_other_are_one_interval(run: Run, trial: Trial) -> None:
    flag(trial, run, 8, 2, 3, 5)
    assert ends() == [(2, 3, 2, 1.0), (8, 8, 1, 0.5), (5, 5, 1, 0.5)]
    assert ends(gap=1) == [(2, 5, 3, 1.5), (8, 8, 1, 0.5)]
    assert ends(gap=2) == [(2, 8, 4, 2.0)]
    assert ends(order="score")[0] == (8, 8, 1, 0.5)


def test_one_lumisection_counts_once_whoever_flags_it(run: Run, trial: Trial) -> None:
    second = make_trial(trial.sample_set, "knn")
    flag(trial, run, 2, 3)
    flag(second, run, 3, 4)
    (one,) = worklist(Asked()).intervals
    assert (one.n, one.luminosity, one.best) == (3, 1.5, 1)
    assert sorted(one.trials.values()) == ["knn", "pca"]
    assert ends(trials=(second.pk,)) == [(3, 4, 2, 1.0)]


def test_the_newest_trial_of_a_detector_counts_and_chance_does_not(run: Run, trial: Trial) -> None:
    newer, chance = make_trial(trial.sample_set, "pca", version="2"), make_trial(trial.sample_set, "random")
    flag(trial, run, 2)
    flag(newer, run, 5)
    flag(chance, run, 8)
    assert [row[0] for row in ends()] == [5]
    assert ends(trials=(999,)) == []


def test_the_worklist_of_real_runs_holds_nothing_that_was_injected(run: Run, trial: Trial) -> None:
    injected = make_trial(make_set("injected", trial.sample_set), "knn")
    flag(injected, run, 2)
    assert ends() == []
    Run.objects.update(simulated=True)
    assert ends() == [(2, 2, 1, 0.5)]


def test_what_is_decided_wholly_leaves_the_worklist(
    run: Run, trial: Trial, member: Callable[..., Any]
) -> None:
    from detections.services.deciding import reject, sign, undo
    from detections.services.proposals import Range, Words, propose

    expert = member("expert")
    flag(trial, run, 2, 3)

    def proposed(first: int, last: int, flag: str = "golden") -> Proposal:
        return propose(expert, [(run, [Range(first, last, "BAD")])], Words(flag, "beam"))[0][0]

    part = sign(proposed(2, 2), expert)
    one = proposed(2, 4)
    (interval,) = worklist(Asked()).intervals
    assert [each.pk for each in interval.proposals] == [part.pk, one.pk]
    sign(one, expert)
    assert ends() == []
    assert len(ends(decided=True)) == len(ends(flag="pixel")) == 1
    undo(one, expert)
    assert len(ends()) == 1
    reject(proposed(1, 5), expert)
    assert ends() == []


def test_a_real_trial_of_simulated_runs_leads_to_signed_ranges(
    histogram_set: SampleSet, shifter: Any, django_assert_max_num_queries: Any
) -> None:
    trial = run_trial(histogram_set, "reference_chi2")[0]
    chosen = choose({trial.pk: None})
    with django_assert_max_num_queries(30):
        judged = judge_runs(chosen)
    assert [one.run.number for one in judged] == sorted(histogram_set.recipe["runs"])
    assert all(sum(one.counts.values()) == 40 for one in judged)
    made, _ = propose_from_trials(shifter, chosen, judged, flag="golden", cause="shape")
    assert len(made) == 4
    with django_assert_max_num_queries(6):
        worklist(Asked())
