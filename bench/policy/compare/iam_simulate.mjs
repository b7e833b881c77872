// Decisions of the npm package @cloud-copilot/iam-simulate: iam_simulate.mjs FOLDER...
//
// Measured twice: "runSimulation" is the published entry point, which reads and validates every policy
// again for every question; "authorize" is the core behind it with policies read once, asked through
// the package's internals because no published entry point takes read policies. The second is what the
// engine could do at best.
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { loadPolicy } from "@cloud-copilot/iam-policy";
import { answerAndMeasure, bucketPolicyOf, loadCases, report } from "./cases.mjs";

const entry = createRequire(import.meta.url).resolve("@cloud-copilot/iam-simulate");
const inside = (name) => import(pathToFileURL(path.join(path.dirname(entry), "..", "esm", name)));
const { authorize } = await inside("core_engine/CoreSimulatorEngine.js");
const { AwsRequestImpl } = await inside("request/request.js");
const { RequestContextImpl } = await inside("requestContext.js");
const { DiscoveryContextKeyConstraints } = await inside("context_keys/discoveryContextKeyConstraints.js");

const VERDICTS = { Allowed: "allowed", ExplicitlyDenied: "explicitDeny", ImplicitlyDenied: "implicitDeny" };

function simulations(cases) {
  const named = (list) => list.map(({ name, document }) => ({ name, policy: document }));
  return cases.requests.map((request) => ({
    request: {
      principal: cases.principal.arn,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resourceAccount },
      contextVariables: request.context,
    },
    identityPolicies: named(cases.policies),
    serviceControlPolicies: cases.scps.map((level) => ({ ...level, policies: named(level.policies) })),
    resourceControlPolicies: [],
    ...(cases.session && { sessionPolicy: cases.session }),
    ...(cases.boundary && { permissionBoundaryPolicies: [{ name: "boundary", policy: cases.boundary }] }),
    ...(bucketPolicyOf(cases, request.resource) && { resourcePolicy: bucketPolicyOf(cases, request.resource) }),
  }));
}

function cores(cases) {
  const load = (list) => list.map(({ name, document }) => loadPolicy(document, { name }));
  const identityPolicies = load(cases.policies);
  const serviceControlPolicies = cases.scps.map((level) => ({ ...level, policies: load(level.policies) }));
  const sessionPolicy = cases.session ? loadPolicy(cases.session, { name: "session" }) : undefined;
  const permissionBoundaries = cases.boundary ? [loadPolicy(cases.boundary, { name: "boundary" })] : undefined;
  const buckets = new Map();
  return cases.requests.map((request) => {
    const policy = bucketPolicyOf(cases, request.resource);
    if (policy && !buckets.has(policy)) {
      buckets.set(policy, loadPolicy(policy, { name: "bucket" }));
    }
    return {
      request: new AwsRequestImpl(
        cases.principal.arn,
        { resource: request.resource, accountId: request.resourceAccount },
        request.action,
        new RequestContextImpl(request.context),
        false,
      ),
      sessionPolicy,
      identityPolicies,
      serviceControlPolicies,
      resourceControlPolicies: [],
      resourcePolicy: buckets.get(policy),
      permissionBoundaries,
      vpcEndpointPolicies: undefined,
      simulationParameters: {
        simulationMode: "Strict",
        discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
      },
      serviceSettings: {},
    };
  });
}

for (const folder of process.argv.slice(2)) {
  const cases = loadCases(folder);
  const core = cores(cases);
  report("iam-simulate, authorize", folder, await answerAndMeasure(core.length, (i) => VERDICTS[authorize(core[i]).result]));
  const asked = simulations(cases);
  const result = await answerAndMeasure(asked.length, async (i) => {
    const done = await runSimulation(asked[i], {});
    return done.resultType === "error" ? `refused: ${done.errors.message}` : VERDICTS[done.overallResult];
  });
  report("iam-simulate, runSimulation", folder, result);
}
