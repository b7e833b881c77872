import { insight } from "./signed";

export type Decision = "allowed" | "explicitDeny" | "implicitDeny";
export type PolicyKind = "scp" | "rcp" | "resource" | "trust" | "identity" | "boundary" | "session" | "scope" | "none";

export interface ContextEntry {
  key: string;
  values: string[];
}

// What is asked: may this principal do this action to the resource?
export interface Question {
  principalArn: string; // a user, a role, or "*": who did not sign in
  action: string;
  resourceArn: string;
  bucketPolicy?: string; // in place of the stored one
  contextEntries?: ContextEntry[];
}

// A condition or another part of a statement that the request does not meet.
export interface FailedPart {
  part: string;
  wanted: string;
  given: string;
}

export interface ExplainedStatement {
  index: number; // in its document
  sid?: string;
  effect: "Allow" | "Deny";
  applies: boolean;
  isDeciding: boolean;
  failedParts: FailedPart[];
}

export interface ExplainedPolicy {
  policyType: PolicyKind;
  name: string;
  document?: string;
  statements: ExplainedStatement[];
}

// Why a request would be allowed or not: each kind of policy in the order in which people read them, and the statements that count.
export interface Explained {
  decision: Decision;
  policyType: PolicyKind; // that decided
  stages: { policyType: PolicyKind; decision: Decision; isDeciding: boolean }[];
  policies: ExplainedPolicy[];
  missingKeys: string[];
}

export async function explainAccess({ principalArn, action, ...rest }: Question): Promise<Explained> {
  const { results } = await insight<{ results: { decisions: Decision[]; explanations: Omit<Explained, "decision">[] }[] }>("/evaluate-access", {
    principalArns: [principalArn],
    actions: [action],
    explains: true,
    ...rest,
  });
  const [result] = results;
  const [decision] = result?.decisions ?? [];
  const [explanation] = result?.explanations ?? [];
  if (!decision || !explanation) throw new Error("no explanation");
  return { decision, ...explanation };
}

// Of a session the role is asked for, as the simulator does.
export function principalOf(arn: string): string {
  const session = /^arn:(aws[a-z-]*):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : arn;
}

export const isExplained = (principalArn: string) => principalArn === "*" || /^arn:aws:iam::\d{12}:(user|role)\//.test(principalArn);

// key=value, one a line; several values of one key are one entry.
export function contextEntries(text: string): ContextEntry[] {
  return text
    .split("\n")
    .map((line) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, key, value]) => ({ key: key ?? "", values: (value ?? "").split(",").map((part) => part.trim()) }));
}
