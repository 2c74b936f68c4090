import pickle
from dataclasses import replace

import numpy as np
import pytest

from project.notes import Notes, Room
from project.samples import Table

loaded = pickle.loads  # of what this test itself wrote


class Work:
    """Counts how often it was done."""

    def __init__(self, size: int = 4) -> None:
        self.done, self.size = 0, size

    def __call__(self) -> np.ndarray:
        self.done += 1
        return np.arange(self.size, dtype=float)


@pytest.fixture
def table() -> Table:
    return Table(ids=["a", "b"], groups=["a", "b"], X=np.eye(2), columns=("x", "y"))


def test_samples_that_nobody_gave_room_keep_nothing(table):
    work = Work()
    assert np.array_equal(table.notes.once("it", work), table.notes.once("it", work))
    assert work.done == 2


def test_what_there_is_room_for_is_worked_out_once(table):
    table.notes.keep_in(Room(1_000))
    work = Work()
    assert table.notes.once("it", work) is table.notes.once("it", work)
    assert work.done == 1


def test_what_does_not_fit_in_is_worked_out_again_and_the_rest_still_kept(table):
    room = Room(100)
    table.notes.keep_in(room)
    large, small = Work(size=13), Work(size=12)
    for _ in range(2):
        table.notes.once("large", large)
        table.notes.once("small", small)
    assert (large.done, small.done, room.left) == (2, 1, 4)


def test_who_gets_an_array_of_its_own_changes_nothing_for_others(table):
    table.notes.keep_in(Room(1_000))
    for _ in range(2):
        array = table.notes.own("it", Work())
        assert array.tolist() == [0, 1, 2, 3]
        array[:] = 7


def test_a_changed_copy_takes_no_notes_along(table):
    table.notes.keep_in(Room(1_000))
    table.notes.once("it", Work())
    for other in (
        replace(table, X=np.zeros((2, 2))),
        table.take(np.array([0])),
        loaded(pickle.dumps(table)),
    ):
        work = Work()
        other.notes.once("it", work)
        other.notes.once("it", work)
        assert work.done == 2


def test_the_clock_counts_what_was_spared_as_if_it_had_been_done(table, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("project.notes.perf_counter", lambda: now[0])

    def inner() -> int:
        now[0] += 2
        return 1

    def outer() -> int:
        now[0] += 3
        return table.notes.once("inner", inner)

    room = Room(1_000)
    table.notes.keep_in(room)
    table.notes.once("inner", inner)
    for name in ("first", "second"):
        began = room.clock()
        assert table.notes.once("outer", outer) == 1, name
        assert room.clock() - began == 5
    assert now[0] == 5


def test_notes_are_not_sent_to_another_machine():
    notes = Notes()
    notes.keep_in(Room(1_000))
    work = Work()
    notes.once("it", work)
    loaded(pickle.dumps(notes)).once("it", work)
    assert work.done == 2
