"""The operation and shape facts as Python objects, shared by the generators of types, decoders, encoders and docs."""
import json
import re
from dataclasses import dataclass, field

import _tsv

SERVICES = ("iam", "sts", "rolesanywhere", "signin", "insight", "accessanalyzer", "ssooidc", "cloudtrail", "organizations")  # in the order of facts::Service
QUERY_SERVICES, JSON_SERVICES = SERVICES[:2], SERVICES[2:]
RPC_SERVICES = SERVICES[7:]  # of JSON, those whose operation X-Amz-Target names
PARTLY_SERVED = SERVICES[5:]  # only what is written of these has types; several of their operations have the names of IAM's
KEYWORDS = {"default", "operator", "namespace", "class", "delete", "new", "public", "private", "register", "template"}


def snake(name):
    """UserName -> user_name, SAMLMetadataDocument -> saml_metadata_document."""
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()
    return text + "_" if text in KEYWORDS else text


def lower_camel(name):
    """Only the first letter is lowered: ClientIDList -> clientIDList (aws-wire 1.9)."""
    return name[0].lower() + name[1:]


def pascal(name):
    return name[0].upper() + name[1:]


# The column "effect" of facts/operations/curated.tsv, as facts::RunMode.
RUN_MODES = {"read": "Read", "write": "Write", "prepared": "PreparedWrite", "blocking": "Blocking"}


@dataclass
class Member:
    name: str  # the model's name
    shape: str
    required: bool
    wire: str  # name on the wire
    location: str = "body"  # uri, querystring or header; payload: it is the whole body
    flat: bool = False  # of S3: the items of the list stand in its place
    attribute: bool = False  # of S3: it is an attribute of the element

    @property
    def cpp(self):
        return snake(self.name)


@dataclass
class Shape:
    name: str
    kind: str
    fact: dict
    members: list = field(default_factory=list)

    @property
    def cpp(self):
        return pascal(self.name)

    is_plain: bool = False  # kept as plain text although the model marks it as sensitive (facts/shapes/plain.tsv)

    @property
    def sensitive(self):
        """Neither echoed nor recorded."""
        return self.fact.get("sensitive", False)

    @property
    def is_secret(self):
        return self.sensitive and not self.is_plain


@dataclass
class Operation:
    service: str
    name: str
    input: str | None
    output: str | None
    result: str
    paged: bool
    errors: list
    status: str
    run_mode: str  # an enumerator of facts::RunMode
    check: "Check"
    more: list  # permissions besides its own; "?" at the end: only if the request uses the feature
    resources: list  # ARN templates of what its own permission is asked for; "*": it knows no resource type
    missing: str
    written_by: str  # the member that makes a read a write; empty: none
    needs_signature: bool
    sessions: str  # which temporary credentials may call it (facts/operations/credentials.tsv)
    method: str  # of HTTP, path template and status of success: REST services only
    uri: str
    http_status: int
    prefix: str  # of its permissions, and the service in credential scopes

    @property
    def id(self):
        """Its enumerator of facts::Operation."""
        return (self.service.capitalize() if self.service in PARTLY_SERVED else "") + self.name

    @classmethod
    def of_s3(cls, name, taken, given):
        """One of S3's, of which other tables say the rest (s3_operations.tsv)."""
        return cls("s3", name, taken, given, "none", False, [], "implemented", "Read", None, [], [], "null", "", True, "any", "", "", 0, "s3")

    @property
    def actions(self):
        """All permissions; its own comes first, on `resources`, unless the check says `custom:none`. Empty: it needs none."""
        return [*([] if self.check.types == ["none"] else [f"{self.prefix}:{self.name}"]), *self.more]


@dataclass
class Check:
    """A cell of the check column: form[:type|type[:Member]][+addition]."""
    form: str
    types: list  # resource types; "*": the action knows none; "none": no permission
    member: str | None
    addition: str | None

    FORMS = {"none": 0, "account": 0, "custom": 1, "list": 2, "entity": 2, "permission": 2, "create": 2, "subject": 2,
             "user-subject": 2, "policy": 2}
    ADDITIONS = (None, "tags", "tag-keys", "policy", "boundary")

    @classmethod
    def parse(cls, cell):
        """None when the cell is no check."""
        text, _, addition = cell.partition("+")
        form, *rest = text.split(":")
        if cls.FORMS.get(form) != len(rest) or (addition or None) not in cls.ADDITIONS:
            return None
        types = rest[0].split("|") if rest else [{"account": "*"}.get(form, form)]
        return cls(form, types, rest[1] if len(rest) > 1 else None, addition or None)


@dataclass
class Service:
    name: str
    version: str
    namespace: str
    signing: str  # its name in credential scopes and permissions
    target: str  # what X-Amz-Target has before the operation; empty: the protocol has none
    shapes: dict
    operations: list

    @property
    def is_json(self):
        """Whether it speaks JSON, not the Query protocol."""
        return self.name in JSON_SERVICES

    @property
    def is_rpc(self):
        """Whether X-Amz-Target names its operations; times are seconds then."""
        return self.name in RPC_SERVICES

    @property
    def typed(self):
        """The operations whose requests and answers have types, decoders and encoders."""
        return [op for op in self.operations if self.name not in PARTLY_SERVED or op.status == "implemented"]

    def reachable(self, roots):
        """Structure shapes used by the roots, dependencies first; a cycle is an error."""
        return [name for name in self.used(roots) if self.shapes[name].kind == "structure"]

    def used(self, roots):
        """All shapes used by the roots, dependencies first; a cycle is an error."""
        order, state = [], {}

        def visit(name):
            shape = self.shapes[name]
            if state.get(name) == "done":
                return
            if state.get(name) == "open":
                raise SystemExit(f"{self.name}: shape {name} contains itself")
            state[name] = "open"
            for below in [m.shape for m in shape.members] + [shape.fact[k] for k in ("member", "key", "value") if k in shape.fact]:
                visit(below)
            state[name] = "done"
            order.append(name)

        for root in roots:
            visit(root)
        return order

    @property
    def inputs(self):
        return [op.input for op in self.typed if op.input]

    @property
    def outputs(self):
        return [op.output for op in self.typed if op.output]


def shapes_of(document, plain):
    """Name -> Shape of a file of facts/shapes/; `plain`: names of those that are not kept as secrets."""
    shapes = {}
    for name, fact in document["shapes"].items():
        if fact["type"] == "error":
            continue
        members = [
            Member(key, m["shape"], m.get("required", False), m.get("wire", key), m.get("location", "body"),
                   m.get("flat", False), m.get("attribute", False))
            for key, m in fact.get("members", {}).items()
        ]
        kind = "integer" if fact["type"] == "long" else fact["type"]
        shapes[name] = Shape(name, kind, fact, members, name in plain)
    return shapes


def _list(cell):
    return [] if cell == "-" else cell.split(",")


def _resources(facts):
    """(service, resource type) -> ARN template."""
    path = facts / "operations" / "resources.tsv"
    arns = {(row["service"], row["type"]): row["arn"] for row in _tsv.read(path)}
    if list(arns) != sorted(arns):
        raise SystemExit(f"{path}: rows must be sorted by service and type")
    return arns


def _arns(check, service, arns):
    """Templates of what a check is on."""
    if check.types in (["*"], ["none"]):
        return check.types
    found = [arns[(service, type_)] for type_ in check.types]
    return [arn.rpartition("/")[0] + "/" for arn in found] if check.form == "list" else found


SESSIONS = ("any", "session-token", "session-token-with-mfa", "roles", "none")


def _credentials(facts):
    """(service, name or "*") -> row."""
    path = facts / "operations" / "credentials.tsv"
    rows = {(row["service"], row["name"]): row for row in _tsv.read(path)}
    if list(rows) != sorted(rows):
        raise SystemExit(f"{path}: rows must be sorted by service and name")
    for key, row in rows.items():
        if row["signature"] not in ("yes", "no") or row["sessions"] not in SESSIONS:
            raise SystemExit(f"{path}: bad signature or sessions for {key}")
    return rows


def load(facts):
    """Service name -> Service, with the curated columns joined in."""
    curated_path = facts / "operations" / "curated.tsv"
    curated = {(row["service"], row["name"]): row for row in _tsv.read(curated_path)}
    if list(curated) != sorted(curated):
        raise SystemExit(f"{curated_path}: rows must be sorted by service and name")
    arns = _resources(facts)
    credentials = _credentials(facts)
    plain = {(row["service"], row["shape"]) for row in _tsv.read(facts / "shapes" / "plain.tsv")}
    services = {}
    for service in SERVICES:
        document = json.loads((facts / "shapes" / f"{service}.json").read_text(encoding="utf-8"))
        operations = []
        for row in _tsv.read(facts / "operations" / f"{service}.tsv"):
            extra = curated.pop((service, row["name"]), None)
            if extra is None:
                raise SystemExit(f"{curated_path}: no row for {service} {row['name']}")
            extra["effect"], _, written_by = extra["effect"].partition("/write:")
            taken = credentials.pop((service, row["name"]), credentials[(service, "*")])
            if extra["status"] not in ("planned", "implemented", "page") or extra["effect"] not in RUN_MODES:
                raise SystemExit(f"{curated_path}: bad status or effect for {service} {row['name']}")
            if extra["missing"] not in ("null", "parameter"):
                raise SystemExit(f"{curated_path}: bad missing for {service} {row['name']}")
            check = Check.parse(extra["check"])
            if check is None or any(t not in ("*", "none") and (service, t) not in arns for t in check.types):
                raise SystemExit(f"{curated_path}: bad check for {service} {row['name']}: {extra['check']}")
            operations.append(
                Operation(
                    service, row["name"],
                    None if row["input"] == "-" else row["input"],
                    None if row["output"] == "-" else row["output"],
                    row["result"], row["paged"] == "yes", _list(row["errors"]),
                    extra["status"], RUN_MODES[extra["effect"]],
                    check, _list(extra["more"]), _arns(check, service, arns), extra["missing"],
                    written_by, taken["signature"] == "yes", taken["sessions"],
                    row.get("method", ""), row.get("uri", ""), int(row.get("status", 0)),
                    document["service"]["signing"],
                )
            )
        head = document["service"]
        shapes = shapes_of(document, {shape for of, shape in plain if of == service})
        services[service] = Service(service, head["version"], head["namespace"], head["signing"], head["target"], shapes, operations)
    if curated:
        raise SystemExit(f"{curated_path}: rows of unknown operations: {sorted(curated)}")
    if unknown := [key for key in credentials if key[1] != "*"]:
        raise SystemExit(f"credentials.tsv: rows of unknown operations: {unknown}")
    return services
