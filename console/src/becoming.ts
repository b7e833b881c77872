import { insight } from "./signed";
import { type Key, t } from "./text";

// Whom principals can become: steps as the server decided them, and what follows from them by walking along.

export type StepCondition = "ALWAYS" | "CONDITIONAL" | "UNKNOWN";

// One call on the way.
export interface StepCall {
  action: string;
  resourceArn: string;
  condition: StepCondition;
  conditionBlocks: string[]; // of policy language, one of which has to be met
  reason?: string; // why nothing is known
  command?: string; // of the AWS CLI; without one the call before makes this one too
}

export interface Step {
  principalArn: string; // who is become
  action: string; // the first call's
  needsMfa: boolean;
  condition?: StepCondition;
  calls?: StepCall[];
}

export interface Becoming {
  principalArn: string;
  isAdministrator: boolean; // is one, or can become one by itself
  steps: Step[];
  administratorCondition?: StepCondition;
  administratorCalls?: StepCall[]; // by which it becomes one; none: it is
  strengthens?: Step[]; // whom it can make an administrator without becoming them
}

const PER_CALL = 10; // principals

export async function becomingOf(arns: string[], onProgress: (done: number) => void): Promise<Becoming[]> {
  const found: Becoming[] = [];
  for (let first = 0; first < arns.length; first += PER_CALL) {
    const answer = await insight<{ results: Becoming[] }>("/list-becoming", { principalArns: arns.slice(first, first + PER_CALL) });
    found.push(...answer.results);
    onProgress(found.length);
  }
  return found;
}

// By the first call of a step, as src/escalation/search_*.cc finds them.
const KINDS: Record<string, Key> = {
  "sts:AssumeRole": "stepAssumeRole",
  "rolesanywhere:CreateTrustAnchor": "stepRolesAnywhere",
  "iam:DeleteAccessKey": "stepCreateAccessKey",
  "iam:DeletePolicyVersion": "stepVersion",
  "iam:CreateAccessKey": "stepCreateAccessKey",
  "iam:CreateLoginProfile": "stepFirstPassword",
  "iam:UpdateLoginProfile": "stepNewPassword",
  "iam:UpdateAssumeRolePolicy": "stepTrust",
  "iam:AttachUserPolicy": "stepAttach",
  "iam:AttachGroupPolicy": "stepAttach",
  "iam:AttachRolePolicy": "stepAttach",
  "iam:PutUserPolicy": "stepInline",
  "iam:PutGroupPolicy": "stepInline",
  "iam:PutRolePolicy": "stepInline",
  "iam:CreatePolicyVersion": "stepVersion",
  "iam:SetDefaultPolicyVersion": "stepPutInForce",
  "iam:AddUserToGroup": "stepGroup",
  "iam:DeleteUserPermissionsBoundary": "stepBoundary",
  "iam:DeleteRolePermissionsBoundary": "stepBoundary",
  "iam:UpdateSAMLProvider": "stepProvider",
};

// What a step is, in words; one that has none here has its own name.
function stepText(action: string): string {
  const key = KINDS[action];
  return key === undefined ? action : t(key);
}

// "assumes the role (sts:AssumeRole, MFA)".
export function stepTold({ action, needsMfa, condition }: Step): string {
  const told = stepText(action);
  const notes = [
    ...(told === action ? [] : [action]),
    ...(needsMfa ? [t("mfa")] : condition === "CONDITIONAL" ? [t("underConditions")] : condition === "UNKNOWN" ? [t("perhaps")] : []),
  ];
  return notes.length > 0 ? `${told} (${notes.join(", ")})` : told;
}

// Everybody that can be reached from there, the start included.
export function reachOf(start: string, all: Map<string, Becoming>): Set<string> {
  const reached = new Set([start]);
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { principalArn } of all.get(at)?.steps ?? []) {
      if (!reached.has(principalArn)) {
        reached.add(principalArn);
        open.push(principalArn);
      }
    }
  }
  return reached;
}

// How many steps each is away from an administrator; nothing for those who reach none.
export function distances(all: Map<string, Becoming>): Map<string, number> {
  const into = new Map<string, string[]>();
  for (const { principalArn, steps } of all.values()) {
    for (const step of steps) {
      const known = into.get(step.principalArn);
      if (known) known.push(principalArn);
      else into.set(step.principalArn, [principalArn]);
    }
  }
  const found = new Map<string, number>();
  let layer = [...all.values()].filter(({ isAdministrator }) => isAdministrator).map(({ principalArn }) => principalArn);
  for (let away = 0; layer.length > 0; away++) {
    layer.forEach((arn) => found.set(arn, away));
    layer = [...new Set(layer.flatMap((arn) => into.get(arn) ?? []))].filter((arn) => !found.has(arn));
  }
  return found;
}

// The steps of a shortest way to an administrator, the start's first; nothing for who reaches none.
export function wayFrom(start: string, all: Map<string, Becoming>, away: Map<string, number>): Step[] | undefined {
  const way: Step[] = [];
  let left = away.get(start);
  for (let at = start; left !== undefined && left > 0; left--) {
    const step: Step | undefined = all.get(at)?.steps.find(({ principalArn }) => away.get(principalArn) === left! - 1);
    if (!step) return undefined;
    way.push(step);
    at = step.principalArn;
  }
  return left === undefined ? undefined : way;
}

// The calls of a way as a shell's lines, with the conditions of each above it.
export function asCommands(calls: StepCall[]): string {
  return calls
    .map(({ action, resourceArn, command, conditionBlocks, reason }) =>
      [...conditionBlocks.map((block) => `# ${block}`), ...(reason ? [`# ${reason}`] : []), command ?? `# ${action} ${resourceArn}`].join("\n"),
    )
    .join("\n");
}
