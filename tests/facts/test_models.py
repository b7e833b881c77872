"""The committed facts against the API models of the installed botocore."""
import json
import pathlib
import sys

import pytest

pytest.importorskip("botocore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "tools" / "gen"))

import _models  # noqa: E402
import import_botocore  # noqa: E402


@pytest.mark.parametrize("name", [f"facts/{kind}" for kind in (
    *(f"operations/{service}.tsv" for service in _models.SERVICES), *(f"shapes/{service}.json" for service in _models.SERVICES),
    "shapes/s3_documents.json", "signing_names.tsv")])
def test_facts_equal_the_models(name):
    assert (ROOT / name).read_text(encoding="utf-8") == import_botocore.facts()[name]


def test_every_operation_is_there():
    services = _models.load(ROOT / "facts")
    assert {name: len(service.operations) for name, service in services.items()} == {
        "iam": 181, "sts": 12, "rolesanywhere": 31, "signin": 16, "insight": 4, "accessanalyzer": 39, "ssooidc": 4, "cloudtrail": 60,
        "organizations": 63}


def test_facts_hold_no_prose():
    for service in _models.SERVICES:
        shapes = json.loads((ROOT / "facts" / "shapes" / f"{service}.json").read_text(encoding="utf-8"))["shapes"]
        keys = {key for shape in shapes.values() for key in shape}
        assert "documentation" not in keys
        assert not any("<p>" in json.dumps(shape) for shape in shapes.values())


# No issuer is asked for its certificate (AWS-DIFF in src/iam), so asking never fails. AWS answers NoSuchEntity for services without
# credentials (aws-wire 4.3), and nothing is known that provokes InvalidCertificate.
NEVER_ANSWERED = {"InvalidCertificate", "NotSupportedService", "OpenIdIdpCommunicationError"}
# Bounds and values of a look-up are ValidationException, and whoever has an account may look; reads of an organization change
# nothing, and every region answers them.
NEVER_ANSWERED |= {"AccountNotRegisteredException", "ConcurrentModificationException", "InvalidMaxResultsException", "InvalidEventCategoryException", "OperationNotPermittedException",
                   "ConstraintViolationException", "RootNotFoundException", "UnsupportedAPIEndpointException"}
# Of CreateTokenWithIAM only the JWT bearer grant is served, which waits for nobody; all scopes are the answer's, and permissions decide.
NEVER_ANSWERED |= {"AuthorizationPendingException", "InvalidRequestRegionException", "InvalidScopeException", "SlowDownException",
                   "UnauthorizedClientException"}


def test_implemented_operations_can_answer_their_modelled_errors():
    known = {line.split("\t")[1] for line in (ROOT / "facts" / "errors.tsv").read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")}
    wanted = {code for service in _models.load(ROOT / "facts").values() for op in service.operations
              if op.status == "implemented" for code in op.errors} - NEVER_ANSWERED
    json_names = ROOT / "facts" / "json_errors.tsv"
    known |= {line.split("\t")[2] for line in json_names.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
    assert wanted <= known, sorted(wanted - known)


def test_errors_have_the_modelled_status():
    status = {}
    for line in (ROOT / "facts" / "errors.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if not line.startswith("#") and cells[0] == cells[1]:  # one spelling per service: S3's own rows are named S3...
            status[cells[1]] = cells[2]
    for service in _models.QUERY_SERVICES:
        shapes = json.loads((ROOT / "facts" / "shapes" / f"{service}.json").read_text(encoding="utf-8"))["shapes"]
        for shape in shapes.values():
            if shape["type"] == "error" and shape["code"] in status:
                assert status[shape["code"]] == str(shape["status"]), shape["code"]


def test_errors_of_json_services_have_the_modelled_status():
    """AccessDeniedException of signin has no status in its model: aws-wire says 401 or 403."""
    rows = [line.split("\t") for line in (ROOT / "facts" / "json_errors.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")][1:]
    for service in _models.JSON_SERVICES:
        shapes = json.loads((ROOT / "facts" / "shapes" / f"{service}.json").read_text(encoding="utf-8"))["shapes"]
        told = {type_: status for _, of, type_, status, *_ in sorted(rows, key=lambda row: row[1] != "*") if of in ("*", service)}
        if service in _models.RPC_SERVICES:  # a caller's fault is 400 there, whatever it is (src/api/json_exchange.cc)
            told = {type_: min(status, "400") if status < "500" else status for type_, status in told.items()}
        wanted = {shape["code"]: str(shape["status"]) for shape in shapes.values() if shape["type"] == "error"}
        if service == "signin":
            del wanted["AccessDeniedException"]
        wanted.pop("ServiceException", None)  # the model of organizations has no status for what is a fault of the service's
        assert {code: told[code] for code in wanted if code in told} == {code: wanted[code] for code in wanted if code in told}
