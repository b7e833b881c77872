"""The structures of the API models as C++ aggregates (rules: types.py)."""

SCALARS = {"string": "std::string", "integer": "std::int64_t", "boolean": "bool", "timestamp": "Instant", "blob": "std::string"}


def value_type(service, name):
    shape = service.shapes[name]
    if shape.kind == "structure":
        return shape.cpp
    if shape.kind == "list":
        return f"std::vector<{value_type(service, shape.fact['member'])}>"
    if shape.kind == "map":
        return f"std::vector<std::pair<std::string, {value_type(service, shape.fact['value'])}>>"
    if shape.is_secret:
        return "Secret"
    return SCALARS[shape.kind]


def member_line(service, member, is_input):
    kind = service.shapes[member.shape].kind
    text = value_type(service, member.shape)
    if not member.required and (service.is_json or not (is_input and kind in ("list", "map"))):
        text = f"std::optional<{text}>"
    return f"  {text} {member.cpp}{{}};"


def struct_lines(service, cpp_name, members, is_input):
    if not members:
        return [f"struct {cpp_name} {{}};", ""]
    return [f"struct {cpp_name} {{", *[member_line(service, m, is_input) for m in members], "};", ""]
