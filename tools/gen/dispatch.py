"""facts/operations/ -> the binding of operations to handlers.

    <service>/handlers.h    declares checks() and handle() of every implemented operation, prepare() of the prepared ones
                            spend() of those that take an MFA code (a TokenCode) and examine() of those that take no
                            signature, so that a missing one does not link,
                            and kOperationOf<Request>, the operation that a request type belongs to
    <service>/dispatch.inc  the cases of the service's route table, one per implemented operation
"""
import _models


def outputs():
    return [f"{service}/{file}" for service in _models.SERVICES for file in ("handlers.h", "dispatch.inc")]


def takes_code(op, service):
    """Whether the operation takes an MFA code, which is spent before it is decided."""
    return op.input is not None and any(member.name == "TokenCode" for member in service.shapes[op.input].members)


def declarations(op, service):
    request, response = f"{op.name}Request", f"{op.name}Response"
    prepare = ""
    examine = ""
    spend = ""
    seen = ""
    if takes_code(op, service):
        spend = f"Result<SpentCode> spend(const {request}& request, const api::CheckContext& context);\n"
        seen = "const SpentCode& code, "
    work = ""
    if not op.needs_signature:
        examine = f"Result<{op.name}Evidence> examine(const {request}& request, const api::CheckContext& context);\n"
        seen = work = f"const {op.name}Evidence& evidence, "
    if op.run_mode == "PreparedWrite":
        prepare = f"Result<{op.name}Preparation> prepare(const {request}& request, const api::CheckContext& context);\n"
        work = f"const {op.name}Preparation& prepared, "
    return (
        f"template <>\ninline constexpr facts::Operation kOperationOf<{request}> = facts::Operation::{op.id};\n"
        f"{spend}{examine}"
        f"Result<api::CheckList> checks(const {request}& request, {seen}const api::CheckContext& context);\n"
        f"{prepare}"
        f"Result<{response}> handle(const api::Authorized& proof, const {request}& request, {work}api::HandlerContext& context);\n"
    )


def generate(facts):
    files = {}
    for name, service in _models.load(facts).items():
        operations = [op for op in service.operations if op.status == "implemented"]
        preparations = f'#include "{name}/preparations.h"\n' if any(op.run_mode == "PreparedWrite" for op in operations) else ""
        codes = f'#include "{name}/mfa_check.h"\n' if any(takes_code(op, service) for op in operations) else ""
        evidence = f'#include "{name}/evidence.h"\n' if any(not op.needs_signature for op in operations) else ""
        files[f"{name}/handlers.h"] = (
            "// Made by tools/gen/dispatch.py from facts/operations/.\n#pragma once\n"
            f'#include "api/operation.h"\n#include "facts/{name}_types.h"\n{codes}{evidence}{preparations}'
            f"namespace signet::{name} {{\ntemplate <class Request>\ninline constexpr facts::Operation kOperationOf{{0xFFFF}};\n\n" + "\n".join(declarations(op, service) for op in operations) + f"\n}}  // namespace signet::{name}\n"
        )
        invocation = "TypedJson" if service.is_json else "TypedQuery"
        files[f"{name}/dispatch.inc"] = "".join(
            f"case facts::Operation::{op.id}:\n"
            f"  return std::make_unique<api::{invocation}<{op.name}Request, {op.name}Response>>(row);\n" for op in operations
        )
    return files
