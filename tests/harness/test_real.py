"""
Real implementations: a published library on what it answers, and a complete small program in another language.

What they do is pinned by behaviour and version. A gap that closes with a new version fails here, and is struck; the
table in the guide is held to these runs.
"""

from __future__ import annotations

import os
import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import fsm.harness.conform
from fsm.harness import conformance_suite
from fsm.harness.conform.adapters.command import command_driver
from fsm.harness.conform.adapters.python import PythonDriver
from fsm.harness.conform.checks import Check
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.vectors import all_vectors, select

EXAMPLES = Path(fsm.harness.conform.__file__).parent / "examples"
GUIDE = EXAMPLES.parent / "GUIDE.md"

# --- pywa 4.5 ----------------------------------------------------------------------
pytest.importorskip("pywa", reason="pywa is not installed; the extra `dev` has it")
from fsm.harness.conform.examples.pywa_readings import PywaReadings  # noqa: E402

NO_CONTACTS = "a status without contacts does not reach the handler; it is logged"
FIRST_ONLY = "of several statuses in one body the first is read"

PYWA_GAPS = {
    "LBL-01.12": NO_CONTACTS,
    "LBL-01.13": NO_CONTACTS,
    "LBL-01.14": NO_CONTACTS,
    "LBL-01.15": NO_CONTACTS,
    "LBL-06.2": NO_CONTACTS,
    "LBL-04.11": NO_CONTACTS,
    "LBL-04.12": NO_CONTACTS,
    "LBL-04.19": NO_CONTACTS,
    "LBL-04.25": NO_CONTACTS,
    "LBL-04.21": FIRST_ONLY,
    "LBL-04.22": FIRST_ONLY,
    "LBL-06.5": "where neither `billable` nor a type is stated, billable is False",
    "LBL-01.17": "a status whose conversation has no origin does not reach the handler; it is logged",
    "INTL-05.1": "the hyphen in authentication-international is not read; the underscore is",
}

test_pywa_reads_what_webhooks_state_but_for_its_gaps = conformance_suite(
    PywaReadings, concepts=["readings"], known_gaps=PYWA_GAPS
)


@pytest.fixture(scope="module")
def pywa() -> Report:
    """pywa's reading of every body."""
    return grade(PythonDriver(PywaReadings), select(all_vectors(), concepts=["readings"]))


def _of(report: Report, id: str) -> dict[tuple[str, str], Check]:
    (found,) = (each for each in report.grades if each.vector.id == id)
    return {(check.about, check.place.rpartition(" about ")[2]): check for check in found.checks}


def _got(report: Report, id: str, about: str) -> list[Any]:
    return [check.got for (name, _), check in _of(report, id).items() if name == about]


def test_pywa_is_of_the_version_whose_behaviour_is_pinned() -> None:
    assert version("pywa").startswith("4.5.")


def test_pywa_claims_no_decision_only_readings(pywa: Report) -> None:
    assert pywa.claims.can_answer == ("reading",)
    whole = grade(PythonDriver(PywaReadings), select(all_vectors(), ids=["CSW-01.1"]), smoke=False)
    assert whole.counts["unsupported"] == 1


def test_pywa_reads_the_smoke_question_and_so_is_wired(pywa: Report) -> None:
    assert pywa.smoke == ""


def test_pywa_reads_every_price_of_today_beside_which_a_contact_stands(pywa: Report) -> None:
    """The words since July 2025, those of October 2026 included, and the end of a free entry point."""
    passed = {each.vector.id for each in pywa.grades if each.outcome == "passed"}
    assert passed == {each.vector.id for each in pywa.grades} - set(PYWA_GAPS)
    assert {rule for each in pywa.grades if each.vector.id in passed for rule in each.vector.rules} == {
        "LBL-01",
        "LBL-02",
        "LBL-04",
        "LBL-06",
        "P26-13",
    }


@pytest.mark.parametrize("id", [id for id, why in PYWA_GAPS.items() if why == NO_CONTACTS])
def test_pywa_tells_the_handler_nothing_of_a_status_without_contacts(pywa: Report, id: str) -> None:
    (vector,) = select(all_vectors(), ids=[id])
    body = vector.expect[0]["question"]["body"]
    assert all("contacts" not in change["value"] for entry in body["entry"] for change in entry["changes"])
    assert _got(pywa, id, "statuses_read") == [[]]


@pytest.mark.parametrize("id", [id for id, why in PYWA_GAPS.items() if why == FIRST_ONLY])
def test_pywa_reads_the_first_of_several_statuses(pywa: Report, id: str) -> None:
    ((first,),) = _got(pywa, id, "statuses_read")
    (vector,) = select(all_vectors(), ids=[id])
    told = vector.expect[0]["question"]["body"]["entry"][0]["changes"][0]["value"]["statuses"]
    assert first == {"id": told[0]["id"], "status": told[0]["status"]}
    assert len(told) > 1


def test_pywa_reads_not_billable_where_nothing_says_so(pywa: Report) -> None:
    (price,) = _got(pywa, "LBL-06.5", "stated_price")
    assert (price["type"], price["billable"]) == (None, False)


def test_pywa_reads_nothing_of_a_conversation_without_an_origin(pywa: Report) -> None:
    assert _got(pywa, "LBL-01.17", "statuses_read") == [[]]


def test_pywa_knows_the_international_rate_with_an_underscore_only(pywa: Report) -> None:
    assert _got(pywa, "INTL-05.1", "stated_price")[0]["category"] == "unknown"
    assert _got(pywa, "INTL-05.1", "stated_conversation")[0]["origin"] == "authentication_international"


def test_pywa_keeps_a_contradiction_and_calls_new_words_unknown(pywa: Report) -> None:
    assert _got(pywa, "LBL-06.6", "stated_price")[0]["billable"] is False
    assert _got(pywa, "LBL-04.23", "stated_price")[0]["category"] == "unknown"


# --- permission.js -------------------------------------------------------------------
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


@pytest.fixture(scope="module")
def permission() -> Report:
    """The Node program on every vector."""
    return grade(command_driver(f"node '{EXAMPLES / 'permission.js'}'"))


@needs_node
def test_the_node_program_passes_everything_that_it_claims(permission: Report) -> None:
    assert permission.fine
    assert permission.smoke == ""
    counts = permission.counts
    assert (counts["failed"], counts["errored"], counts["review"]) == (0, 0, 1)
    assert counts["passed"] >= 280


@needs_node
def test_the_node_program_claims_permission_since_july_2025(permission: Report) -> None:
    claims = permission.claims
    assert claims.can_answer == ("permission",)
    assert claims.rulebooks == ("pmp-2025-07", "pmp-2026-08", "pmp-2026-10")


@needs_node
def test_what_the_node_program_does_not_know_it_declines_with_a_reason(permission: Report) -> None:
    declined = {each.reason for each in permission.grades if each.reason.startswith("declined: ")}
    assert {"declined: it does not read sender", "declined: it does not read payment_method"} <= declined
    assert all(each.outcome == "unsupported" for each in permission.grades if each.reason in declined)


@needs_node
def test_the_node_program_differs_only_where_the_sources_are_silent(permission: Report) -> None:
    (review,) = (each for each in permission.grades if each.outcome == "review")
    assert review.vector.rules == ("MKT-04",)
    assert review.vector.status == "unspecified"


# --- whatsapp-api-js 6.3 ---------------------------------------------------------------
NODE_MODULES = os.environ.get("FSM_NODE_MODULES", "")
needs_npm = pytest.mark.skipif(
    shutil.which("node") is None or not Path(NODE_MODULES, "whatsapp-api-js").is_dir(),
    reason="no npm packages: `npm install whatsapp-api-js@6.3.0`, and name its node_modules in FSM_NODE_MODULES",
)


@pytest.fixture(scope="module")
def api_js(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """whatsapp-api-js's reading of every body."""
    folder = tmp_path_factory.mktemp("npm")
    shutil.copy(EXAMPLES / "whatsapp_api_js.mjs", folder)
    (folder / "node_modules").symlink_to(Path(NODE_MODULES).resolve())
    driver = command_driver(f"node '{folder / 'whatsapp_api_js.mjs'}'")
    return grade(driver, select(all_vectors(), concepts=["readings"]))


@needs_npm
def test_whatsapp_api_js_reads_all_but_the_second_of_several_statuses(api_js: Report) -> None:
    assert (api_js.claims.name, api_js.claims.version) == ("whatsapp-api-js", "6.3.0")
    assert api_js.smoke == ""
    failed = {each.vector.id for each in api_js.grades if each.outcome != "passed"}
    assert failed == {id for id, why in PYWA_GAPS.items() if why == FIRST_ONLY}
    for id in failed:
        ((first,),) = _got(api_js, id, "statuses_read")
        assert first["status"] in ("read", "delivered")


# --- the guide says what was measured ----------------------------------------------------
def _rows() -> dict[str, str]:
    rows = re.findall(r"^\| (\S+ [0-9.]+) \|(.*)\|$", GUIDE.read_text("utf-8"), re.M)
    return {name.replace("`", ""): row for name, row in rows}


def test_the_guide_states_what_pywa_was_measured_to_do(pywa: Report) -> None:
    row = _rows()[f"pywa {version('pywa')}"]
    counts = pywa.counts
    assert f"{counts['passed']} of {counts['passed'] + counts['failed']}" in row


@needs_npm
def test_the_guide_states_what_whatsapp_api_js_was_measured_to_do(api_js: Report) -> None:
    assert f"{api_js.counts['passed']} of {len(api_js.grades)}" in _rows()[f"whatsapp-api-js {api_js.claims.version}"]


@needs_node
def test_the_guide_states_what_the_node_program_was_measured_to_do(permission: Report) -> None:
    row = _rows()["permission.js 1"]
    assert f"{permission.counts['passed']} of {permission.counts['passed']}" in row


def test_the_guide_names_every_gap_of_pywa() -> None:
    text = re.sub(r"\s+", " ", GUIDE.read_text("utf-8"))
    for why in PYWA_GAPS.values():
        assert why in text
