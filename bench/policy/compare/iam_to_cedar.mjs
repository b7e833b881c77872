// IAM policies as Cedar policies, for one principal; README.md says how. A resource pattern that Cedar
// cannot say is left out of its list, a statement with a condition that it cannot say is left out as a
// whole; both are counted.

const quote = (text) => JSON.stringify(text);
const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)]);

class Inexpressible extends Error {}

// Cedar's `like` knows `*` only; literal stars (from values of variables) are escaped.
function likePattern(pieces) {
  return quote(pieces.map((piece) => (piece === null ? "*" : piece.replaceAll("*", "\u0000"))).join("")).replaceAll("\\u0000", "\\*");
}

// A pattern's literal pieces, null for each star; variables become what they are for this principal.
// Nothing (null) when a variable has no value: then the pattern matches nothing.
function piecesOf(pattern, variables, hasWildcards) {
  const pieces = [""];
  for (let i = 0; i < pattern.length; ) {
    const variable = /^\$\{([^},]+)(?:,\s*'([^']*)')?\}/.exec(pattern.slice(i));
    if (variable) {
      const value = variables[variable[1].trim().toLowerCase()] ?? variable[2];
      if (value === undefined) {
        return null;
      }
      pieces[pieces.length - 1] += value;
      i += variable[0].length;
    } else if (hasWildcards && pattern[i] === "*") {
      pieces.push(null, "");
      ++i;
    } else if (hasWildcards && pattern[i] === "?") {
      throw new Inexpressible("? in a pattern");
    } else {
      pieces[pieces.length - 1] += pattern[i++];
    }
  }
  return pieces.filter((piece) => piece !== "");
}

// `subject` matches one of IAM's patterns, as a Cedar expression.
function matches(subject, pattern, variables, hasWildcards) {
  const pieces = piecesOf(pattern, variables, hasWildcards);
  if (pieces === null) {
    return "false";
  }
  return pieces.includes(null) ? `${subject} like ${likePattern(pieces)}` : `${subject} == ${quote(pieces.join(""))}`;
}

const any = (terms) => (terms.length === 0 ? "false" : terms.length === 1 ? terms[0] : `(${terms.join(" || ")})`);

function splitArn(text) {
  const parts = text.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

// IAM compares ARNs part by part, so a star never crosses a colon before the sixth part.
function arnMatches(record, pattern, variables) {
  if (pattern.split(":").length < 6) {
    throw new Inexpressible("an ARN pattern of fewer than six parts");
  }
  const terms = splitArn(pattern)
    .map((part, i) => (part === "*" ? "true" : matches(`${record}.p${i}`, part, variables, true)))
    .filter((term) => term !== "true");
  return terms.length === 0 ? "true" : `(${terms.join(" && ")})`;
}

function globToRegex(glob) {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "is");
}

export class Translator {
  constructor(cases) {
    this.principal = cases.principal;
    this.actions = [...new Set(cases.requests.map((request) => request.action.toLowerCase()))];
    const fixed = cases.requests[0]?.context ?? {};
    this.variables = {};
    for (const [key, value] of Object.entries(fixed)) {
      if (/^aws:(principal|user)/i.test(key) && typeof value === "string") {
        this.variables[key.toLowerCase()] = value;
      }
    }
    this.demanded = { text: new Set(), lower: new Set(), number: new Set(), date: new Set(), ip: new Set(), arn: new Set(), set: new Set() };
    this.policies = {};
    this.leftOut = {};
    for (const { name, document } of cases.policies) {
      this.#document(`i.${name}`, document);
    }
    this.#guard("boundary", cases.boundary ? [cases.boundary] : null);
    this.#guard("session", cases.session ? [cases.session] : null);
    cases.scps.forEach((level, i) => this.#guard(`scp${i}`, level.policies.map(({ document }) => document)));
    for (const [bucket, document] of Object.entries(cases.bucketPolicies)) {
      this.#document(`b.${bucket}`, document);
    }
    this.policies["g.account"] =
      `forbid(principal, action, resource) unless { context.owner == ${quote(this.principal.account)} };`;
  }

  // The request as Cedar takes it: only what some policy asks for.
  request(request) {
    const context = { owner: request.resourceAccount, target: this.#arn(request.resource) };
    const given = Object.fromEntries(Object.entries(request.context).map(([k, v]) => [k.toLowerCase(), v]));
    for (const [kind, keys] of Object.entries(this.demanded)) {
      context[kind] = {};
      for (const key of keys) {
        const value = this.#typed(kind, given[key]);
        if (value !== undefined) {
          context[kind][key] = value;
        }
      }
    }
    return {
      principal: { type: "Principal", id: this.principal.arn },
      action: { type: "Action", id: request.action.toLowerCase() },
      resource: { type: "Resource", id: request.resource },
      context,
      entities: [],
    };
  }

  #arn(text) {
    return Object.fromEntries(splitArn(text).map((part, i) => [`p${i}`, part ?? ""]));
  }

  #typed(kind, value) {
    if (value === undefined || (kind !== "set" && Array.isArray(value))) {
      return undefined;
    }
    const text = String(value);
    switch (kind) {
      case "lower":
        return text.toLowerCase();
      case "number":
        return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
      case "date":
        return Number.isNaN(Date.parse(text)) ? undefined : Date.parse(text);
      case "ip":
        return { __extn: { fn: "ip", arg: text } };
      case "arn":
        return text.split(":").length < 6 ? undefined : this.#arn(text);
      case "set":
        return list(value);
      default:
        return text;
    }
  }

  #document(prefix, document) {
    statementsOf(document.Statement).forEach((statement, i) => {
      const body = this.#tried(() => this.#applies(statement));
      if (body !== null) {
        const effect = statement.Effect === "Deny" ? "forbid" : "permit";
        this.policies[`${prefix}.${i}`] = `${effect}(principal, ${body.scope}, resource) when { ${body.when} };`;
      }
    });
  }

  // A boundary, a session policy or one level of service control policies: its Deny statements forbid,
  // and everything is forbidden unless one of its Allow statements applies.
  #guard(name, documents) {
    if (documents === null) {
      return;
    }
    const statements = documents.flatMap(({ Statement }) => statementsOf(Statement));
    this.#document(`d.${name}`, { Statement: statements.filter(({ Effect }) => Effect === "Deny") });
    const allows = [];
    for (const statement of statements.filter(({ Effect }) => Effect === "Allow")) {
      const body = this.#tried(() => this.#applies(statement));
      if (body !== null) {
        const action = body.scope === "action" ? "true" : body.scope;
        allows.push(`(${action} && ${body.when})`);
      }
    }
    if (!allows.includes("(true && true)")) {
      this.policies[`g.${name}`] = `forbid(principal, action, resource) unless { ${any(allows)} };`;
    }
  }

  #tried(translate) {
    try {
      return translate();
    } catch (error) {
      if (!(error instanceof Inexpressible)) {
        throw error;
      }
      this.leftOut[error.message] = (this.leftOut[error.message] ?? 0) + 1;
      return null;
    }
  }

  #applies(statement) {
    const terms = [this.#principals(statement)];
    const listed = this.#actions(statement.Action ?? statement.NotAction);
    let scope = listed === "all" ? "action" : `action in [${listed.map((name) => `Action::${quote(name)}`).join(", ")}]`;
    if (statement.NotAction !== undefined) {
      terms.push(listed === "all" ? "false" : `!(${scope})`);
      scope = "action";
    }
    if (statement.Resource !== undefined) {
      terms.push(this.#resources(statement.Resource));
    } else if (statement.NotResource !== undefined) {
      terms.push(`!${this.#resources(statement.NotResource)}`);
    }
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        terms.push(this.#condition(operator, key.toLowerCase(), list(values)));
      }
    }
    const when = terms.filter((term) => term !== "true");
    return { scope, when: when.length === 0 ? "true" : when.join(" && ") };
  }

  // Action patterns become the actions of the requests that they match, as a user of Cedar would group them.
  #actions(patterns) {
    if (list(patterns).includes("*")) {
      return "all";
    }
    const tests = list(patterns).map(globToRegex);
    return this.actions.filter((action) => tests.some((test) => test.test(action)));
  }

  // The principal is known, so whether a bucket policy speaks to it is known too.
  #principals(statement) {
    const element = statement.Principal ?? statement.NotPrincipal;
    if (element === undefined) {
      return "true";
    }
    const { arn, contextArn, account } = this.principal;
    const names = new Set(["*", arn, contextArn, account, `arn:aws:iam::${account}:root`]);
    const entries = element === "*" ? ["*"] : list(element.AWS);
    const isNamed = entries.some((entry) => names.has(entry));
    return String(isNamed === (statement.Principal !== undefined));
  }

  #resources(value) {
    const literals = [];
    const terms = [];
    for (const pattern of list(value)) {
      if (pattern === "*") {
        return "true";
      }
      const pieces = this.#tried(() => piecesOf(pattern, this.variables, true));
      if (pieces !== null && !pieces.includes(null)) {
        literals.push(`Resource::${quote(pieces.join(""))}`);
      } else if (pieces !== null) {
        terms.push(arnMatches("context.target", pattern, this.variables));
      }
    }
    if (literals.length > 0) {
      terms.unshift(`resource in [${literals.join(", ")}]`);
    }
    return `(${any(terms)})`;
  }

  #subject(kind, key) {
    this.demanded[kind].add(key);
    return { has: `context.${kind} has ${quote(key)}`, value: `context.${kind}[${quote(key)}]` };
  }

  #condition(operator, key, operands) {
    if (/^For(All|Any)/.test(operator)) {
      throw new Inexpressible("a set operator");
    }
    const ifExists = operator.endsWith("IfExists");
    const name = ifExists ? operator.slice(0, -"IfExists".length) : operator;
    if (name === "Null") {
      const { has } = this.#subject("text", key);
      return operands.map((o) => (o.toLowerCase() === "true" ? `!(${has})` : `(${has})`)).join(" || ");
    }
    const isNegated = name.includes("Not");
    const { has, value, test } = this.#operator(name.replace("Not", ""), key);
    const hit = any(operands.map((operand) => test(value, operand)));
    if (isNegated) {
      return `(!(${has}) || !${hit.startsWith("(") ? hit : `(${hit})`})`;
    }
    return ifExists ? `(!(${has}) || ${hit})` : `(${has} && ${hit})`;
  }

  #operator(name, key) {
    const { variables } = this;
    const on = (kind, test) => ({ ...this.#subject(kind, key), test });
    const order = { Equals: "==", LessThan: "<", LessThanEquals: "<=", GreaterThan: ">", GreaterThanEquals: ">=" };
    const typed = /^(Numeric|Date)(.*)$/.exec(name);
    if (typed) {
      const isDate = typed[1] === "Date";
      return on(isDate ? "date" : "number", (value, operand) => {
        const number = isDate ? Date.parse(operand) : Number(operand);
        if (!Number.isSafeInteger(number)) {
          throw new Inexpressible("a number that is no integer");
        }
        return `${value} ${order[typed[2]]} ${number}`;
      });
    }
    switch (name) {
      case "StringEquals":
        return on("text", (value, operand) => matches(value, operand, variables, false));
      case "StringLike":
        return on("text", (value, operand) => matches(value, operand, variables, true));
      case "StringEqualsIgnoreCase":
        return on("lower", (value, operand) => matches(value, operand.toLowerCase(), variables, false));
      case "Bool":
        return on("lower", (value, operand) => matches(value, operand.toLowerCase(), variables, false));
      case "IpAddress":
        return on("ip", (value, operand) => `${value}.isInRange(ip(${quote(operand)}))`);
      case "ArnEquals":
      case "ArnLike":
        return on("arn", (value, operand) => arnMatches(value, operand, variables));
      default:
        throw new Inexpressible(`the operator ${name}`);
    }
  }
}

function statementsOf(value) {
  return Array.isArray(value) ? value : [value];
}
