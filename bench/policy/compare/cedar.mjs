// Decisions of Cedar's own WebAssembly build, with the policy set read beforehand: cedar.mjs FOLDER...
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { answerAndMeasure, loadCases, report } from "./cases.mjs";
import { Translator } from "./iam_to_cedar.mjs";

for (const folder of process.argv.slice(2)) {
  const cases = loadCases(folder);
  const translator = new Translator(cases);
  const parsed = cedar.preparsePolicySet(folder, { staticPolicies: translator.policies });
  if (parsed.type !== "success") {
    console.error(JSON.stringify(parsed.errors.slice(0, 3)));
    process.exit(1);
  }
  const calls = cases.requests.map((request) => ({ ...translator.request(request), preparsedPolicySetId: folder }));
  const result = await answerAndMeasure(calls.length, (i) => {
    const done = cedar.statefulIsAuthorized(calls[i]);
    if (done.type !== "success") {
      return `refused: ${done.errors[0].message}`;
    }
    const { decision, diagnostics } = done.response;
    if (decision === "allow") {
      return "allowed";
    }
    return diagnostics.reason.some((id) => !id.startsWith("g.")) ? "explicitDeny" : "implicitDeny";
  });
  report("Cedar (wasm)", folder, result, {
    policies: Object.keys(translator.policies).length,
    left_out: translator.leftOut,
  });
}
