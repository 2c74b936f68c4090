"""The admin pages: every table has one, for administrators only, and they stay usable at a million rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from detections.models import Comparison, Detection, SampleSet, ScoreBlock, Trial
from histos.models import Dataset, FoundFile, LumisectionHistogram, MonitoringElement
from lightcurves.models import Catalog, Survey
from project.admin_tables import MOST_LISTED, BoundedPaginator, MachineMade, SiteAdmin, heavy
from project.models import ApiToken, FailedTries, FileProblem, Job, SourceFile
from project.throttling import NAME, Tries
from runs.models import Fill, LumiMask, Lumisection, Run
from tests.project.world import World, make_world

pytestmark = pytest.mark.django_db
OURS = ("project", "runs", "lightcurves", "histos", "detections")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]
SHOWN = [*MODELS, User, Group]
LIST_QUERIES, ROW_QUERIES = 9, 20


@pytest.fixture
def staff(client: Client, admin: Any) -> Client:
    ContentType.objects.clear_cache()
    client.force_login(admin)
    return client


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def address(model: type[Model], kind: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=arguments)


def test_every_model_has_a_page() -> None:
    assert set(MODELS) <= set(admin.site._registry)
    assert all(isinstance(page, SiteAdmin) for page in admin.site._registry.values())


def test_the_world_holds_one_of_every_model(world: World) -> None:
    assert set(MODELS) <= set(world.things)


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_list_counts_sorts_and_reads_no_more_than_it_shows(
    model: type[Model], staff: Client, world: World
) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = staff.get(address(model, "changelist"))
    assert answer.status_code == 200
    assert world[model] in list(answer.context["cl"].result_list)
    said = [one["sql"] for one in queries.captured_queries]
    assert len(said) <= LIST_QUERIES, "\n".join(said)
    assert all("LIMIT" in sql for sql in said if "COUNT(" in sql), said
    own = f'"{model._meta.db_table}"'
    rows = [sql for sql in said if f"FROM {own}" in sql and "ORDER BY" in sql]
    assert all(" JOIN " not in sql for sql in rows)
    for column in heavy(model):
        assert f'{own}."{column}"' not in " ".join(rows)


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_row_is_read_with_little_of_what_it_points_to(
    model: type[Model], staff: Client, world: World
) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = staff.get(address(model, "change", world[model].pk))
    assert answer.status_code == 200
    said = [one["sql"] for one in queries.captured_queries]
    assert len(said) <= ROW_QUERIES, "\n".join(said)
    for other in set(MODELS) - {model}:
        for column in heavy(other):
            assert f'"{other._meta.db_table}"."{column}"' not in " ".join(said), column


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_nothing_a_list_names_of_another_table_is_read_row_by_row(model: type[Model]) -> None:
    page: Any = admin.site._registry[model]
    read = {path.partition("__")[0] for path in page.related}
    assert {field.name for field in model._meta.get_fields() if field.is_relation} & set(
        page.list_display
    ) <= read


SEARCHES = {
    "Run": "316187",
    "Fill": "6675",
    "Lumisection": "316187:120",
    "Certification": "316187",
    "LumiMask": "gold",
    "Source": "LMC-1",
    "LightCurve": "LMC-1",
    "LightCurveHistogram": "LMC-1",
    "Dataset": "zero",
    "MonitoringElement": "PXLayer",
    "LumisectionHistogram": "charge_PXLayer_1",
    "RunHistogram": "316187",
    "RunMoments": "316187",
    "Catalog": "ogle",
    "Survey": "mach",
    "SampleSet": "se",
    "Trial": "constant",
    "Label": "ogle3:LMC-1",
    "Proposal": "316187",
    "SourceFile": "a.c",
    "ApiToken": "ada",
    "User": "ada",
    "Group": "view",
}


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_what_the_search_says_it_finds_is_found(model: type[Model], staff: Client, world: World) -> None:
    row = world[model]
    owner = {
        "FileProblem": "file_id",
        "ScoreBlock": "trial_id",
        "Detection": "trial_id",
        "ProposalEvent": "proposal_id",
    }.get(model.__name__, "pk")
    term = SEARCHES.get(model.__name__, str(getattr(row, owner)))
    if model is FoundFile:
        term = row.sha256
    if model is FailedTries:
        row, term = tried("ada"), "Ada"
    found = staff.get(address(model, "changelist"), {"q": term}).context["cl"].result_list
    assert list(found) == [row]


def tried(name: str) -> FailedTries:
    Tries((NAME, name)).begin()
    return FailedTries.objects.latest("pk")


@pytest.mark.parametrize("term", ["x" * 500, "\0", "-1", "9" * 40, "1:2:3", "316187:x", "%_'\"", "²", "0:0"])
def test_any_text_can_be_searched_for(term: str, staff: Client, world: World) -> None:
    for model in SHOWN:
        assert staff.get(address(model, "changelist"), {"q": term}).status_code == 200, model


SMALL = {
    Fill, LumiMask, Run, Catalog, Survey, Dataset, MonitoringElement, SourceFile, Job, SampleSet, Trial, Comparison
}  # fmt: skip
"""Tables that stay small, where a part of a name may be searched for."""
SORTED = {LumisectionHistogram, Lumisection, ScoreBlock, Detection, FileProblem}
"""Where a search may find many rows, which an index has in the order of the list."""


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "model", [model for model in MODELS if model not in SMALL], ids=lambda model: model.__name__
)
def test_an_index_answers_lists_searches_and_filters_of_large_tables(
    model: type[Model], staff: Client, world: World
) -> None:
    row, page = world[model], admin.site._registry[model]
    # A filter with one choice is none.
    Catalog.objects.create(name="another"), Survey.objects.create(name="another")
    asked: list[dict[str, Any]] = [{}, {"q": SEARCHES.get(model.__name__, "1")}]
    if model is Lumisection:
        asked.append({"q": "316187"})
    for name in page.list_filter:
        field: Any = model._meta.get_field(name)
        exact = f"{name}__id__exact" if isinstance(field, ForeignKey) else f"{name}__exact"
        asked.append({exact: getattr(row, field.attname)})
    for parameters in asked:
        plan = staff.get(address(model, "changelist"), parameters).context["cl"].queryset[:50].explain()
        table = model._meta.db_table
        assert not parameters or f"SCAN {table}" not in plan, (parameters, plan)
        # What is found by a key is a few rows, which may be sorted; a filter may find half of the table.
        assert ("q" in parameters and model not in SORTED) or "TEMP B-TREE" not in plan, (parameters, plan)


def test_a_large_table_is_counted_to_a_limit() -> None:
    Run.objects.bulk_create(Run(number=number) for number in range(MOST_LISTED + 5))
    with CaptureQueriesContext(connection) as queries:
        count = BoundedPaginator(Run.objects.order_by("-id"), 50).count
    assert (count, str(count)) == (MOST_LISTED, "10,000 or more")
    assert f"LIMIT {MOST_LISTED}" in queries.captured_queries[0]["sql"]


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_no_form_offers_all_rows_of_another_table(model: type[Model], staff: Client, world: World) -> None:
    form = staff.get(address(model, "change", world[model].pk)).context["adminform"].form
    assert set(form.fields) & {field.name for field in model._meta.get_fields() if field.is_relation} <= {
        "groups"
    }
    if isinstance(admin.site._registry[model], MachineMade):
        assert not form.fields


def test_the_role_decides_who_enters(client: Client, member: Callable[..., Any]) -> None:
    client.force_login(member("expert", is_staff=True))
    for url in ("/admin/", "/admin/runs/run/", "/admin/auth/user/", "/admin/nothing-here/"):
        answer = client.get(url)
        assert answer.status_code == 403
        assert "need the role admin" in answer.content.decode()
    client.force_login(member("admin", is_staff=False))
    assert client.get("/admin/runs/run/").status_code == 200


def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/runs/run/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/admin/runs/run/"
    assert (
        client.post("/admin/login/", {"username": "a", "password": "b"})["Location"] == "/login/?next=/admin/"
    )


def test_an_administrator_gives_roles_but_takes_over_no_superuser(
    client: Client, member: Callable[..., Any], django_user_model: Any
) -> None:
    above = django_user_model.objects.create_superuser("above")
    ada = member("viewer")
    client.force_login(member("admin"))
    shifter = Group.objects.get_or_create(name="shifter")[0]
    sent = {"username": ada.username, "is_active": "on", "groups": [shifter.pk], "is_superuser": "on"}
    assert client.post(address(User, "change", ada.pk), sent).status_code == 302
    ada.refresh_from_db()
    assert ([group.name for group in ada.groups.all()], ada.is_superuser) == (["shifter"], False)
    assert client.post(address(User, "change", above.pk), sent).status_code == 403
    new = {"password1": "Qx7-violet-harbour", "password2": "Qx7-violet-harbour", "usable_password": "true"}
    assert client.post(f"/admin/auth/user/{above.pk}/password/", new).status_code == 403
    assert client.post(f"/admin/auth/user/{ada.pk}/password/", new).status_code == 302
    assert client.post(address(User, "delete", ada.pk), {"post": "yes"}).status_code == 403


def test_an_administrator_makes_an_account(staff: Client) -> None:
    sent = {"username": "grace", "usable_password": "true", "password1": "Qx7-violet-harbour",
            "password2": "Qx7-violet-harbour"}  # fmt: skip
    assert staff.post("/admin/auth/user/add/", sent).status_code == 302
    assert User.objects.get(username="grace").check_password("Qx7-violet-harbour")


def test_titles_of_an_element_are_edited_and_nothing_else(staff: Client, world: World) -> None:
    element = world[MonitoringElement]
    sent = {"title": "Charge", "x_label": "ke", "y_label": "", "name": "other", "binning": "other"}
    assert staff.post(address(MonitoringElement, "change", element.pk), sent).status_code == 302
    element.refresh_from_db()
    assert (element.title, element.name, element.binning) == ("Charge", "charge_PXLayer_1", "b")


def test_what_machines_made_is_not_edited(staff: Client, world: World) -> None:
    for model in (Job, SourceFile, FileProblem):
        url = address(model, "change", world[model].pk)
        assert staff.post(url, {"title": "x"}).status_code == 403
        assert staff.post(address(model, "delete", world[model].pk), {"post": "yes"}).status_code == 403


def test_tokens_are_revoked_and_their_hash_is_not_shown(staff: Client, world: World) -> None:
    token = world[ApiToken]
    assert token.digest not in staff.get(address(ApiToken, "change", token.pk)).content.decode()
    answer = staff.post(
        address(ApiToken, "changelist"),
        {"action": "revoke_chosen", "_selected_action": [token.pk]},
        follow=True,
    )
    assert "let in by the chosen tokens" in answer.content.decode()
    token.refresh_from_db()
    assert token.revoked is not None


def test_a_name_that_waits_is_let_try_again(staff: Client, world: World) -> None:
    row = tried("ada")
    assert staff.post(address(FailedTries, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not FailedTries.objects.filter(pk=row.pk).exists()
