// Case folders as the engines of this comparison are asked about them, and how each is timed.
import fs from "node:fs";
import path from "node:path";

function read(folder, name, otherwise) {
  const file = path.join(folder, name);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : otherwise;
}

export function loadCases(folder) {
  return {
    policies: read(folder, "policies.json"),
    requests: read(folder, "requests.json"),
    principal: read(folder, "principal.json"),
    boundary: read(folder, "boundary.json", null),
    session: read(folder, "session.json", null),
    scps: read(folder, "scps.json", []),
    bucketPolicies: read(folder, "resource_policies.json", {}),
  };
}

// The policy of the bucket that a resource names, or undefined.
export function bucketPolicyOf(cases, resource) {
  const prefix = "arn:aws:s3:::";
  return resource.startsWith(prefix) ? cases.bucketPolicies[resource.slice(prefix.length).split("/")[0]] : undefined;
}

// CPU time of the whole process in nanoseconds: the engine, its garbage collector and its compiler.
function cpuNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

// How many requests apart to ask, so that all together take `seconds`.
function stepFor(count, seconds, perRequestNs) {
  return Math.max(1, Math.ceil((count * perRequestNs) / (seconds * 1e9)));
}

async function pass(count, step, ask) {
  const begin = cpuNs();
  for (let i = 0; i < count; i += step) {
    await ask(i);
  }
  return cpuNs() - begin;
}

// Asks the requests once for the answers, goes on until the engine is warm, then times. Per request the
// median over the rounds, then quantiles over the requests. A slow engine is asked and timed on every
// n-th request only, so that a run ends; answers it was not asked for are null.
export async function answerAndMeasure(count, ask, budgetSeconds = 12, warmSeconds = 3) {
  const answers = new Array(count).fill(null);
  const probe = Math.max(1, Math.floor(count / 20));
  let perAnswer = (await pass(count, probe, ask)) / Math.ceil(count / probe);
  const answerStep = stepFor(count, 4 * budgetSeconds, perAnswer);
  let spent = await pass(count, answerStep, async (i) => {
    answers[i] = await ask(i);
  });
  const perPass = Math.ceil(count / answerStep);
  perAnswer = spent / perPass;
  while (spent < warmSeconds * 1e9) {
    const took = await pass(count, answerStep, ask);
    perAnswer = took / perPass;
    spent += took;
  }
  const rounds = 5;
  // The clock counts microseconds: a sample of a fast engine holds enough questions to be 100 of them.
  const batch = Math.max(1, Math.ceil(100_000 / perAnswer));
  const step = stepFor(count, budgetSeconds, rounds * batch * perAnswer);
  const medians = [];
  let total = 0;
  for (let i = 0; i < count; i += step) {
    const samples = [];
    for (let round = 0; round < rounds; ++round) {
      const start = cpuNs();
      for (let k = 0; k < batch; ++k) {
        await ask(i);
      }
      samples.push((cpuNs() - start) / batch);
    }
    samples.sort((a, b) => a - b);
    medians.push(samples[rounds >> 1]);
    total += samples[rounds >> 1];
  }
  const measured = medians.length;
  medians.sort((a, b) => a - b);
  return {
    answers,
    measured,
    median_ns: quantile(medians, 0.5),
    p99_ns: quantile(medians, 0.99),
    mean_ns: total / measured,
  };
}

// One line for run.py.
export function report(engine, folder, result, notes) {
  process.stdout.write(JSON.stringify({ engine, folder, ...result, notes }) + "\n");
}
