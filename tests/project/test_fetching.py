"""Asking a service: patient with what may pass, quick with what will not, and one clear line in the end."""

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project.errors import Cancelled, UserError
from project.fetching import Client, FetchError, Limits, Service, SignOn, service
from project.fetching import pace as pacing
from project.fetching.pace import wait_turn
from tests.services import Answer, LocalService, serving

pytestmark = pytest.mark.sqlite_only
QUICK = Limits(seconds=2.0, tries=3, per_second=1000.0, max_bytes=1 << 16, backoff=0.001)


@pytest.fixture
def local() -> Iterator[LocalService]:
    with serving(lambda asked: Answer({"asked": asked.path, "params": asked.params})) as service:
        yield service


@pytest.fixture
def client(local: LocalService) -> Callable[..., Client]:
    def make(pauses: list[float] | None = None, limits: Limits = QUICK, **fields: Any) -> Client:
        said = Service("OMS", f"{local.url}/agg/api", "LUMISIFT_OMS", limits=limits, **fields)
        return Client(said, pauses.append if pauses is not None else lambda seconds: None)

    return make


def test_it_asks_below_the_address_with_parameters(client: Callable[..., Client]) -> None:
    answer = client().get("runs", [("filter[run_number][GE]", 7), ("sort", "run_number")])
    assert answer == {
        "asked": "agg/api/runs", "params": {"filter[run_number][GE]": "7", "sort": "run_number"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "fault",
    [
        Answer({"errors": [{"title": "busy"}]}, 500),
        Answer(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
        Answer(b"", 429, {"Retry-After": "0"}),
        Answer({"data": [1, 2, 3]}, cut=4),
        Answer(b'{"data": [1, 2', 200),
        Answer({"data": []}, headers={"Content-Encoding": "gzip"}),
    ],
    ids=["500", "502 page", "429", "truncated", "cut JSON", "broken gzip"],
)
def test_what_may_pass_is_tried_again(
    client: Callable[..., Client], local: LocalService, fault: Answer
) -> None:
    local.faults = [fault, fault]
    assert client().get("runs")["asked"] == "agg/api/runs"
    assert len(local.asked) == 3


def test_a_slow_answer_is_given_up_and_asked_for_again(
    client: Callable[..., Client], local: LocalService
) -> None:
    quick = Limits(seconds=0.3, tries=2, per_second=1000.0, backoff=0.001)
    for slow in (Answer({}, delay=1.0), Answer({"data": "x" * 60}, drip=0.02)):
        local.faults = [slow]
        began = time.monotonic()
        assert client(limits=quick).get("runs")["asked"] == "agg/api/runs"
        assert time.monotonic() - began < 0.95
    local.faults = [Answer({}, delay=1.0)] * 2
    with pytest.raises(FetchError, match=r"^OMS \(127.+ took longer than 0.3 s .+; tried 2 times$"):
        client(limits=quick).get("runs")


def test_it_waits_as_long_as_it_is_asked_to(client: Callable[..., Client], local: LocalService) -> None:
    pauses: list[float] = []
    local.faults = [Answer({}, 429, {"Retry-After": "7"}), Answer({}, 503)]
    client(pauses).get("runs")
    waits = [pause for pause in pauses if pause > 0.0005]
    assert waits[0] == 7.0
    assert 0.002 <= waits[-1] <= 0.003


def test_it_does_not_wait_for_ever(client: Callable[..., Client], local: LocalService) -> None:
    local.faults = [Answer({}, 503, {"Retry-After": "3600"})]
    with pytest.raises(FetchError, match=r"answers 503 .+, and asks to wait 3600 s: try later"):
        client().get("runs")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            Answer(b"<!DOCTYPE html><html>Sign in</html>"),
            "answers with a web page instead of data, perhaps to sign in",
        ),
        (
            Answer(b"Sign in", headers={"Content-Type": "text/html"}),
            "answers with a web page instead of data",
        ),
        (
            Answer(b"", 302, {"Location": "https://auth.cern.ch/login?x=1"}),
            r"leads elsewhere, to https://auth.cern.ch/login:",
        ),
        (Answer({"errors": [{"detail": "no such filter"}]}, 400), "answers 400 Bad Request: no such filter"),
        (Answer({}, 404), "answers 404 Not Found"),
        (Answer({"message": "who are you"}, 401), r"refuses us \(401\): who are you: set LUMISIFT_OMS_TOKEN"),
        (Answer({"data": "x" * 70_000}), "answers with more than 0 MB"),
    ],
)
def test_what_will_not_pass_is_one_line_at_once(
    client: Callable[..., Client], local: LocalService, fault: Answer, says: str
) -> None:
    local.faults = [fault]
    with pytest.raises(FetchError, match=rf"^OMS \(127\.0\.0\.1:\d+\) {says}") as refused:
        client().get("runs")
    assert "\n" not in str(refused.value)
    assert len(local.asked) == 1


def test_a_service_that_is_down_is_one_line(local: LocalService) -> None:
    with serving(lambda asked: Answer({})) as gone:
        url = gone.url
    with pytest.raises(FetchError, match=r"^OMS \(127\.0\.0\.1:\d+\) cannot be reached .+; tried 3 times$"):
        Client(Service("OMS", url, limits=QUICK), lambda seconds: None).get("runs")


def test_a_token_is_sent_and_shown_nowhere(client: Callable[..., Client], local: LocalService) -> None:
    asking = client(token="very-secret")
    asking.get("runs")
    assert local.asked[0].headers["Authorization"] == "Bearer very-secret"
    assert "very-secret" not in repr(asking.service)
    local.faults = [Answer({}, 403)]
    with pytest.raises(FetchError, match="is LUMISIFT_OMS_TOKEN right, and not over") as refused:
        asking.get("runs")
    assert "very-secret" not in str(refused.value)


def test_an_id_and_secret_become_a_token_that_is_kept_and_renewed(client: Callable[..., Client]) -> None:
    made = iter(("one", "two"))

    def sign_on(asked: Any) -> Answer:
        assert asked.body == b"grant_type=client_credentials&client_id=me&client_secret=s&audience=oms"
        return Answer({"access_token": next(made), "expires_in": 1200})

    def answering(asked: Any) -> Answer:
        seen.append(asked.headers["Authorization"])
        return Answer({}, 401 if seen == ["Bearer one"] * 3 else 200)

    seen: list[str] = []
    with serving(sign_on) as tokens, serving(answering) as oms:
        said = SignOn(f"{tokens.url}/token", "me", "s", "oms")
        asking = Client(Service("OMS", oms.url, sign_on=said, limits=QUICK), lambda seconds: None)
        for _ in range(3):
            asking.get("runs")
    assert seen == ["Bearer one"] * 3 + ["Bearer two"]
    assert "secret='s'" not in repr(said)


def test_a_certificate_nobody_trusts_is_refused_at_once(tmp_path: Path) -> None:
    """TLS is always verified: there is no setting that turns it off."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    openssl = shutil.which("openssl") or pytest.skip("no openssl here to make a certificate")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(lambda asked: Answer({"good": True})) as local:
        local.socket = context.wrap_socket(local.socket, server_side=True)
        local.handle_error = lambda *args: None  # type: ignore[method-assign]  # who asks hangs up
        url = local.url.replace("http", "https")
        with pytest.raises(
            FetchError, match=r"has a certificate that is not trusted .+LUMISIFT_FETCH_CA_FILE"
        ):
            Client(Service("OMS", url, limits=QUICK)).get("runs")
        trusting = Service("OMS", url, ca_file=str(certificate), limits=QUICK)
        assert Client(trusting).get("runs") == {"good": True}


def test_no_host_is_asked_faster_than_agreed() -> None:
    pauses: list[float] = []
    threads = [
        threading.Thread(target=wait_turn, args=("oms.example.org", 10.0, pauses.append)) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_turn("other.example.org", 10.0, pauses.append)
    assert len(pauses) == 4
    assert max(pauses) == pytest.approx(0.4, abs=0.05)
    assert "oms.example.org" in pacing._next_turn


def test_waiting_ends_when_somebody_stops_the_work(local: LocalService) -> None:
    from project.jobs.reporter import Reporter
    from runs.fetches.answer_files import patient

    reporter = Reporter()
    local.faults = [Answer({}, 503, {"Retry-After": "60"})]
    asking = Client(Service("OMS", local.url, limits=QUICK), patient(reporter))
    threading.Timer(0.1, reporter.stop.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        asking.get("runs")
    assert time.monotonic() - began < 5


def test_services_come_from_the_settings(settings: Any) -> None:
    settings.LUMISIFT_OMS_URL, settings.LUMISIFT_OMS_TOKEN = "https://oms.example.org/api", "t"
    settings.LUMISIFT_SSO_CLIENT_ID, settings.LUMISIFT_SSO_CLIENT_SECRET = "me", "s"
    found = service("oms")
    assert (str(found), found.url, found.token) == (
        "OMS (oms.example.org)",
        "https://oms.example.org/api",
        "t",
    )
    assert service("runregistry").sign_on == SignOn(
        settings.LUMISIFT_SSO_URL, "me", "s", "cmsrunregistry-sso-proxy"
    )
    with pytest.raises(UserError, match="no service is called 'dials'"):
        service("dials")
