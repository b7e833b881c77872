import { insight } from "./signed";

// Whom principals can become: steps as the server decided them, and what follows from them by walking along.

export interface Step {
  principalArn: string; // who is become
  action: string;
  needsMfa: boolean;
}

export interface Becoming {
  principalArn: string;
  isAdministrator: boolean;
  steps: Step[];
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
    for (const step of steps) into.set(step.principalArn, [...(into.get(step.principalArn) ?? []), principalArn]);
  }
  const found = new Map<string, number>();
  let layer = [...all.values()].filter(({ isAdministrator }) => isAdministrator).map(({ principalArn }) => principalArn);
  for (let away = 0; layer.length > 0; away++) {
    layer.forEach((arn) => found.set(arn, away));
    layer = [...new Set(layer.flatMap((arn) => into.get(arn) ?? []))].filter((arn) => !found.has(arn));
  }
  return found;
}
