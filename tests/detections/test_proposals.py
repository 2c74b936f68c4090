"""Proposals: proposed, signed over each other in order, undone to what stood before; the history is never changed."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from detections.models import Proposal, ProposalEvent
from detections.proposals.range_files import read_ranges
from detections.services.deciding import Decided, comment_on, reject, sign, undo, withdraw
from detections.services.from_files import propose_from_file
from detections.services.labels import NotYours
from detections.services.proposals import OtherProposal, Range, Words, WrongProposal, propose
from detections.services.worlds import choose
from project.errors import UserError
from runs.lanes import Listed, judge
from runs.models import Certification, Lumisection, Run
from runs.scores import RunKey
from runs.signed import SIGNED_HERE, Signed, laid_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db: None) -> Run:
    """Forty lumisections of 0.1 pb⁻¹."""
    made = Run.objects.create(number=316187)
    Lumisection.objects.bulk_create(
        Lumisection(run=made, number=n, recorded_luminosity=0.1) for n in range(1, 41)
    )
    return made


def said(run: Run, *ranges: tuple[int, int | None, str]) -> Any:
    return [(run, [Range(*one) for one in ranges])]


def proposed(user: Any, run: Run, *ranges: tuple[int, int | None, str], **words: Any) -> Proposal:
    words = {"flag": "golden", "cause": "dead-region", **words}
    return propose(user, said(run, *ranges), Words(**words))[0][0]


def stands(run: Run, flag: str = "golden") -> list[tuple]:
    rows = Certification.objects.filter(run=run, flag=flag, source=SIGNED_HERE).order_by("first")
    return list(rows.values_list("first", "last", "status", "cause", "comment", "created"))


def brief(run: Run, flag: str = "golden") -> list[tuple]:
    return [row[:3] for row in stands(run, flag)]


def test_nothing_holds_before_it_is_signed(run: Run, shifter: Any, expert: Any) -> None:
    one = proposed(shifter, run, (3, 9, "BAD"), comment="a hole in layer 1")
    assert stands(run) == []
    sign(one, expert, "seen")
    ((first, last, status, cause, comment, _),) = stands(run)
    assert (first, last, status, cause) == (3, 9, "BAD", "dead-region")
    assert comment == f"proposal {one.pk}, proposed by shifter, signed by expert: a hole in layer 1"


def test_what_is_signed_later_lies_over_what_was_signed_before(run: Run, shifter: Any, expert: Any) -> None:
    whole = proposed(shifter, run, (1, None, "GOOD"))
    middle = proposed(shifter, run, (10, 20, "BAD"))
    edge = proposed(shifter, run, (18, 25, "EXCLUDED"))
    for one in (whole, edge, middle):
        sign(one, expert)
    assert brief(run) == [(1, 9, "GOOD"), (10, 20, "BAD"), (21, 25, "EXCLUDED"), (26, None, "GOOD")]


def test_undoing_restores_exactly_what_stood(run: Run, shifter: Any, expert: Any) -> None:
    for one in (proposed(shifter, run, (1, None, "GOOD")), proposed(shifter, run, (5, 8, "BAD"))):
        sign(one, expert)
    before = stands(run)
    last = sign(proposed(shifter, run, (7, 12, "BAD"), cause="beam"), expert)
    assert stands(run) != before
    undone = undo(last, expert, "the wrong run")
    assert stands(run) == before
    assert undone.events.get(kind="signed").before == [list(row[:5]) for row in before]


def test_undoing_one_that_others_lie_over_leaves_the_others(run: Run, shifter: Any, expert: Any) -> None:
    below = sign(proposed(shifter, run, (1, 20, "BAD")), expert)
    sign(proposed(shifter, run, (10, 12, "GOOD")), expert)
    undo(below, expert)
    assert brief(run) == [(10, 12, "GOOD")]


def test_files_stand_again_under_what_is_undone(run: Run, shifter: Any, expert: Any) -> None:
    def lane() -> list[tuple]:
        judged = judge([Listed(run.pk, RunKey("CMS", run.number), False)], {"flag": "golden"})
        return [tuple(span) for span in judged.lanes[0].spans[run.pk]]

    golden = {"run": run, "flag": "golden", "status": "GOOD", "source": "golden.json"}
    Certification.objects.create(first=1, last=40, **golden)
    one = sign(proposed(shifter, run, (5, 6, "BAD")), expert)
    # A file that is loaded later does not lie over a signature either.
    Certification.objects.create(first=5, last=5, **golden | {"source": "later.json"})
    assert lane() == [(1, 4, "good"), (5, 6, "bad"), (7, 40, "good")]
    undo(one, expert)
    assert lane() == [(1, 40, "good")]


def test_flags_are_apart_and_a_range_without_ends_is_the_whole_run(
    run: Run, shifter: Any, expert: Any
) -> None:
    sign(proposed(shifter, run, (1, None, "BAD"), flag="pixel"), expert)
    sign(proposed(shifter, run, (1, None, "GOOD"), flag="golden"), expert)
    assert brief(run, "pixel") == [(1, None, "BAD")]
    assert brief(run) == [(1, None, "GOOD")]


def test_the_five_states_stay_apart(run: Run, shifter: Any, expert: Any) -> None:
    """Standby and excluded: no data that could be judged. Not set: nobody judged. Nothing of it is good or bad."""
    said = ("GOOD", "BAD", "NOTSET", "STANDBY", "EXCLUDED", "EMPTY")
    ranges = [(at, at, status) for at, status in enumerate(said, start=1)]
    sign(proposed(shifter, run, *ranges), expert)
    lane = judge([Listed(run.pk, RunKey("CMS", run.number), False)], {"flag": "golden"}).lanes[0]
    states = [(one.first, one.last, one.state) for one in lane.spans[run.pk]]
    assert states == [
        (1, 1, "good"), (2, 2, "bad"), (3, 3, "not scored"), (4, 5, "no data"), (6, 6, "empty"), (7, 40, "not scored"),
    ]  # fmt: skip


def test_who_may_decide(run: Run, shifter: Any) -> None:
    one = proposed(shifter, run, (1, 2, "BAD"))
    for decide in (sign, reject, undo):
        with pytest.raises(NotYours, match="expert"):
            decide(one, shifter)
    stranger = get_user_model().objects.create_user("stranger")
    with pytest.raises(NotYours, match="somebody else"):
        withdraw(one, stranger)
    assert withdraw(one, shifter).state == "withdrawn"
    assert stands(run) == []


def test_a_signature_by_who_proposed_says_so(run: Run, shifter: Any, expert: Any) -> None:
    assert sign(proposed(expert, run, (1, 2, "GOOD")), expert).self_signed
    assert not sign(proposed(shifter, run, (3, 4, "GOOD")), expert).self_signed


@pytest.mark.parametrize("first", [sign, reject, withdraw])
def test_what_is_decided_is_not_decided_again(first: Any, run: Run, expert: Any, admin: Any) -> None:
    one = proposed(expert, run, (1, 2, "BAD"))
    done = first(one, expert)
    assert first(one, expert).decided == done.decided
    for again in {sign, reject} - ({first} if first is withdraw else set()):
        with pytest.raises(Decided, match=f"is {done.state} by expert"):
            again(one, admin)
    assert ProposalEvent.objects.filter(proposal=one).count() == 2


def test_only_what_is_signed_is_undone_and_then_for_good(run: Run, expert: Any, admin: Any) -> None:
    one = proposed(expert, run, (1, 2, "BAD"))
    with pytest.raises(Decided, match="only one that is signed"):
        undo(one, expert)
    sign(one, expert)
    undo(one, expert)
    for again in (sign, undo):
        with pytest.raises(Decided):
            again(one, admin)


def test_the_history_tells_who_did_what_and_cannot_be_changed(run: Run, shifter: Any, expert: Any) -> None:
    one = proposed(shifter, run, (1, 2, "BAD"), comment="look")
    comment_on(one, shifter, "and again")
    sign(one, expert, "agreed")
    undo(one, expert, "no")
    told = list(one.events.values_list("kind", "user__username", "comment"))
    assert told == [
        ("proposed", "shifter", "look"), ("commented", "shifter", "and again"), ("signed", "expert", "agreed"),
        ("undone", "expert", "no"),
    ]  # fmt: skip
    event = one.events.first()
    event.comment = "never said"
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()
    with pytest.raises(TypeError, match="never deleted"):
        event.delete()


def test_a_comment_says_something_and_is_stored_once(run: Run, shifter: Any) -> None:
    one = proposed(shifter, run, (1, 2, "BAD"))
    with pytest.raises(WrongProposal, match="says something"):
        comment_on(one, shifter, " ")
    assert comment_on(one, shifter, "a", "key")[1]
    assert not comment_on(one, shifter, "a", "key")[1]
    with pytest.raises(Decided, match="another comment"):
        comment_on(one, shifter, "b", "key")


def test_sent_twice_it_is_stored_once(run: Run, shifter: Any, expert: Any) -> None:
    words = Words("golden", "beam", client_key="k")
    (first,), new = propose(shifter, said(run, (1, 2, "BAD")), words)
    (again,), fresh = propose(shifter, said(run, (1, 2, "BAD")), words)
    assert (again.pk, new, fresh) == (first.pk, True, False)
    with pytest.raises(OtherProposal, match="another proposal"):
        propose(shifter, said(run, (1, 3, "BAD")), words)
    assert propose(expert, said(run, (1, 3, "BAD")), words)[1]


WRONG = {
    "before the first": ((0, 3, "BAD"), "first", "count from 1"),
    "turned round": ((5, 3, "BAD"), "last", "before the first"),
    "beyond the end": ((5, 41, "BAD"), "last", "ends with lumisection 40"),
    "all of it beyond the end": ((41, None, "BAD"), "first", "ends with lumisection 40"),
    "no status": ((1, 3, "UGLY"), "status", "UGLY"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_range_that_is_none_is_refused_by_field(what: str, run: Run, shifter: Any) -> None:
    ranges, name, why = WRONG[what]
    with pytest.raises(WrongProposal, match=why) as refused:
        proposed(shifter, run, ranges)
    assert refused.value.field == name
    assert not Proposal.objects.exists()


def test_ranges_of_one_proposal_do_not_overlap(run: Run, shifter: Any) -> None:
    for ranges in [((1, 5, "GOOD"), (5, 6, "BAD")), ((1, None, "GOOD"), (5, 6, "BAD"))]:
        with pytest.raises(WrongProposal, match="overlaps"):
            proposed(shifter, run, *ranges)


def test_a_run_without_lumisections_takes_any_range(shifter: Any, expert: Any) -> None:
    bare = Run.objects.create(number=1)
    sign(proposed(shifter, bare, (7, 9, "GOOD"), cause=""), expert)
    sign(proposed(shifter, bare, (1, None, "BAD")), expert)
    assert brief(bare) == [(1, None, "BAD")]


def test_a_reason_code_is_one_of_the_list_and_needed_for_what_is_not_good(run: Run, shifter: Any) -> None:
    for cause, comment, name in (("", "", "cause"), ("because", "", "cause"), ("other", " ", "comment")):
        with pytest.raises(WrongProposal) as refused:
            proposed(shifter, run, (1, 2, "BAD"), cause=cause, comment=comment)
        assert refused.value.field == name
    with override_settings(LUMISIFT_EXTRA_REASON_CODES={"gas-leak": "a leak in the gas system"}):
        assert proposed(shifter, run, (1, 2, "BAD"), cause="gas-leak").cause == "gas-leak"


@pytest.mark.parametrize("flag", ["", "<b>", "a" * 65, " pixel", "a\nb", "日本"])
def test_a_flag_is_a_plain_name(flag: str, run: Run, shifter: Any) -> None:
    with pytest.raises(WrongProposal) as refused:
        proposed(shifter, run, (1, 2, "BAD"), flag=flag)
    assert refused.value.field == "flag"


def test_all_runs_of_a_request_are_proposed_or_none(run: Run, shifter: Any) -> None:
    other = Run.objects.create(number=2)
    Lumisection.objects.create(run=other, number=1)
    drafts = [*said(run, (1, 2, "GOOD")), *said(other, (1, 2, "GOOD"))]
    with pytest.raises(WrongProposal, match="run 2 ends with lumisection 1"):
        propose(shifter, drafts, Words("golden"))
    assert not Proposal.objects.exists()


def test_a_golden_file_becomes_one_proposal_for_each_run(run: Run, shifter: Any) -> None:
    Run.objects.create(number=2)
    file = read_ranges("golden.json", b'{"316187": [[5, 6], [1, 3]], "2": [[-1]]}')
    made, _ = propose_from_file(shifter, file, flag="golden")
    assert [(one.run.number, one.ranges) for one in made] == [
        (2, [[1, None, "GOOD"]]), (316187, [[1, 3, "GOOD"], [5, 6, "GOOD"]]),
    ]  # fmt: skip
    assert made[0].evidence["file"] == {"name": "golden.json", "sha256": file.sha256, "kind": "golden JSON"}
    with pytest.raises(WrongProposal, match="has no run 7 here"):
        propose_from_file(shifter, read_ranges("a.json", b'{"7": [[1, 2]]}'), flag="golden")


def test_a_range_file_is_read_or_refused_by_line() -> None:
    good = read_ranges("a.csv", b"run,first,last,status\r\n5,1,9,good\n5,,,BAD\n")
    assert good.ranges == {5: [(1, 9, "GOOD"), (1, None, "BAD")]}
    for content, why in {
        b"run,first\n": "line 1: the columns are run,first,last,status",
        b"run,first,last,status\n5,9,1,GOOD\nx,1,1,GOOD": "line 2: last 1 is before first 9; line 3: run 'x'",
        b"run,first,last,status\n": "holds no range",
        b"run,first,last,status\n5,1": "line 2: 2 cells",
        b'{"5": [[3, 1]]}': "reversed",
        b"[]": "not an object",
        b"\xff": "not UTF-8",
        b"x" * (3 << 20): "larger than 2 MB",
    }.items():
        with pytest.raises(UserError, match=why):
            read_ranges("a.csv", content)


def test_layers_give_the_top_one_everywhere() -> None:
    def layer(first: int, last: int | None, status: str) -> Signed:
        return Signed(first, last, status, "", "", None)  # type: ignore[arg-type]

    found = laid_over(
        [layer(1, None, "a"), layer(5, 9, "b"), layer(9, 9, "c"), layer(20, None, "d"), layer(3, 5, "b")]
    )
    assert [one[:3] for one in found] == [
        (1, 2, "a"), (3, 5, "b"), (6, 8, "b"), (9, 9, "c"), (10, 19, "a"), (20, None, "d"),
    ]  # fmt: skip
    assert laid_over([]) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_at_once_come_one_after_the_other(run: Run, member: Callable[..., Any]) -> None:
    """One proposal is signed by one of them; two proposals of one run both hold, whoever is first."""
    shifter, ada, bob = member("shifter"), member("expert"), member("admin", is_superuser=True)
    same = proposed(shifter, run, (1, 20, "BAD"))
    others = [proposed(shifter, run, (10, 30, "GOOD")), proposed(shifter, run, (25, 40, "BAD"))]
    wrong: list[Exception] = []

    def decide(*work: tuple[Proposal, Any]) -> None:
        try:
            for one, who in work:
                sign(one, who)
        except Decided as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=decide, args=((others[0], ada), (same, ada))),
               Thread(target=decide, args=((others[1], bob), (same, bob)))]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 1
    assert ProposalEvent.objects.filter(kind="signed").count() == 3
    layers = [Signed(*one, "", "", None) for p in Proposal.objects.standing() for one in p.ranges]  # type: ignore[arg-type]
    assert brief(run) == [one[:3] for one in laid_over(layers)]


def test_what_was_signed_bad_is_not_fitted_on(simulated_histograms: dict[str, Any], expert: Any) -> None:
    """A golden file says good of the whole run, and a signature bad of a part of it."""
    run = Run.objects.order_by("number")[0]
    Certification.objects.create(
        run=run, first=1, last=40, flag="golden", status="GOOD", source="golden.json"
    )
    sign(proposed(expert, run, (5, 9, "BAD")), expert)
    chosen = choose("histograms", simulated_histograms | {"fit_flag": "golden"})
    for part in chosen.parts:
        fitted = {
            int(key.rsplit(":", 1)[1]) for key, role in zip(part.ids, part.roles, strict=True) if role == 3
        }
        assert fitted == set(range(1, 41)) - set(range(5, 10))


LINES = st.lists(
    st.sampled_from(
        ["run,first,last,status", "5,1,9,GOOD", "5,9,1,BAD", "x", '"', "5,,,empty", "٥,1,1,BAD", ""]
    )
)


@given(
    st.one_of(
        st.binary(max_size=60), st.text(max_size=60).map(str.encode), LINES.map("\n".join).map(str.encode)
    )
)
def test_whatever_is_sent_as_a_file_is_ranges_or_refused_in_a_sentence(content: bytes) -> None:
    try:
        found = read_ranges("a.csv", content)
    except UserError as error:
        why = str(error)
    else:
        why = "a.csv: "
        for ranges in found.ranges.values():
            assert all(first >= 1 and (last is None or last >= first) for first, last, _ in ranges)
    assert why.startswith("a.csv: ")
    assert "\0" not in why
