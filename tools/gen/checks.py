"""facts/operations/curated.tsv, column check -> <service>/fact_checks.inc: checks() of the implemented operations whose
check only names what the request names. The builders that it calls are those of src/<service>/checks.h.

A cell that does not fit the operation stops the generator: a member that its request has not, an optional one where the
form needs a name, a resource type that AWS's service authorization reference does not have for the action.
"""
import _models
import _tsv

# How AccessDenied names what is about to be made, where it is not its ARN (aws-wire 2.4).
CREATION_NOUNS = {"policy": "policy "}
# Forms whose member must be required, and those whose member must not.
REQUIRED = ("entity", "permission", "create", "policy")
OPTIONAL = ("subject", "user-subject", "list")


def outputs():
    return [f"{service}/fact_checks.inc" for service in _models.SERVICES]


class Writer:
    """The function of one operation."""

    def __init__(self, op, service, entities):
        self.op, self.check, self.entities = op, op.check, entities
        self.members = {m.name: m for m in service.shapes[op.input].members} if op.input else {}
        self.action = _tsv.c_string(f"{op.prefix}:{op.name}")

    def wrong(self, why):
        raise SystemExit(f"facts/operations/curated.tsv: check of {self.op.service} {self.op.name}: {why}")

    def member(self, name, required=None):
        """The request's member as C++."""
        member = self.members.get(name) or self.wrong(f"the request has no member {name}")
        if required is not None and member.required != required:
            self.wrong(f"{name} is {'' if member.required else 'not '}required")
        return f"request.{member.cpp}"

    def named(self):
        form = self.check.form
        return self.member(self.check.member, True if form in REQUIRED else False if form in OPTIONAL else None)

    def entity(self, builder):
        type_ = self.check.types[0]
        entity = self.entities.get((self.op.service, type_), "-")
        if entity == "-":
            self.wrong(f"resources.tsv names no entity for {type_}")
        return f"{builder}<identity::{entity}>({self.action}, context, {self.named()})"

    def first(self):
        """Lines before the check is built, and the expression that builds it."""
        form = self.check.form
        if form == "account":
            return [], f"account_check({self.action})"
        if form == "none":
            return [], f"open_check({self.action})"
        if form in ("entity", "permission"):
            return [], self.entity(f"{form}_check")
        if form == "list":
            return [], f'listing_check({self.action}, context, "{self.check.types[0]}", {self.named()})'
        if form in ("subject", "user-subject"):
            finder = form.replace("-", "_") + "_of"
            return [f"  const Subject subject = TRY({finder}({self.named()}, context.caller));"], f"subject_check({self.action}, context, subject)"
        if form == "policy":
            return [f"  TRY_STATUS(require_policy_arn({self.named()}));"], self.entity("entity_check")
        return self.creation()

    def creation(self):
        type_ = self.check.types[0]
        noun = CREATION_NOUNS.get(type_)
        shown = "arn" if noun is None else f'concat("{noun}", {self.named()})'
        path = self.member("Path", False)
        return ([f'  const std::string arn = model::iam_arn(context.caller.account, "{type_}", {path}.value_or("/"), {self.named()});'],
                f"creation_check({self.action}, arn, {shown})")

    def additions(self):
        """Lines that add to the check."""
        added, form = self.check.addition, self.check.form
        if added == "tags":
            return [f"  pass_tags(check, {self.member('Tags')});"]
        if added == "tag-keys":
            return [f"  pass_tag_keys(check, {self.member('TagKeys')});"]
        if added == "policy":
            return [f'  add_key(check, "iam:PolicyARN", {self.member("PolicyArn", True)});']
        if added == "boundary" and form == "create":
            boundary = self.member("PermissionsBoundary", False)
            return [f"  if ({boundary}) {{", f'    add_key(check, "iam:PermissionsBoundary", *{boundary});', "  }"]
        if added == "boundary":
            return [f'  add_key(check, "iam:PermissionsBoundary", {self.member("PermissionsBoundary", True)});']
        return []

    def result(self):
        """The line that answers the list."""
        if not self.op.more:
            return "  return one_check(std::move(check));"
        if self.check.form != "create" or len(self.op.more) != 1 or not self.op.more[0].endswith("?"):
            self.wrong("only custom checks know more permissions than that to tag what is made")
        tagging = _tsv.c_string(self.op.more[0].rstrip("?"))
        return f"  return with_creation_tags(std::move(check), {tagging}, {self.member('Tags')});"

    def text(self):
        before, expression = self.first()
        if self.check.addition == "policy":
            before.insert(0, f"  TRY_STATUS(require_policy_arn({self.member('PolicyArn', True)}));")
        additions = self.additions()
        if additions or self.op.more:
            body = [*before, f"  api::Check check = {expression};", *additions, self.result()]
        else:
            body = [*before, f"  return one_check({expression});"]
        uses = "\n".join(body)
        request = "request" if "request." in uses else "/*request*/"
        context = "context" if "context" in uses else "/*context*/"
        return "\n".join([
            f"Result<api::CheckList> checks(const {self.op.name}Request& {request}, const api::CheckContext& {context}) {{",
            *body, "}", ""])


def check_types(op, catalogue):
    """The resource types are AWS's for the action."""
    row = catalogue.get(f"{op.prefix}:{op.name}")
    if row is None or op.check.types == ["none"]:
        return
    known = {type_.rstrip("!") for type_ in row["resources"].split(",") if type_}
    named = set() if op.check.types == ["*"] or op.check.form == "list" else set(op.check.types)
    if not named <= known or bool(named) != bool(known):
        raise SystemExit(f"facts/operations/curated.tsv: check of {op.service} {op.name}: AWS's types are {sorted(known)}")


def generate(facts):
    catalogue = {row["action"]: row for row in _tsv.read(facts / "catalogue" / "actions.tsv")}
    entities = {(row["service"], row["type"]): row["entity"] for row in _tsv.read(facts / "operations" / "resources.tsv")}
    files = {}
    for name, service in _models.load(facts).items():
        functions = []
        for op in service.operations:
            if op.status != "implemented":
                continue
            check_types(op, catalogue)
            if op.check.form != "custom":
                functions.append(Writer(op, service, entities).text())
        files[f"{name}/fact_checks.inc"] = "// Made by tools/gen/checks.py from facts/operations/curated.tsv.\n" + "\n".join(functions)
    return files
