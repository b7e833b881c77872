#!/usr/bin/env bash
# @cloud-copilot/iam-simulate 0.1.173 compares an IPv6 address as text and takes seconds since 1970 for milliseconds.
#
# Guess: an evaluator of IAM conditions compares addresses and times, however they are written: aws:EpochTime is a number of seconds
#        and may meet a date in a Date operator, and a policy's address need not be spelt as the caller's.
# Seen:  DateGreaterThan 2025-01-01 with aws:EpochTime 1767225600 (2026-01-01) is ImplicitlyDenied, with 1767225600000 Allowed; with
#        seconds on both sides Allowed. IpAddress 2001:db8::1 with aws:SourceIp 2001:db8:0:0:0:0:0:1 or 2001:DB8::1 is ImplicitlyDenied;
#        with /128 behind it in the policy, Allowed.
# Why it matters: a test that evaluates policies with this library refuses what AWS (and a server that compares values) allows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit @cloud-copilot/iam-simulate@0.1.173 >/dev/null)
cat >"$work/ask.mjs" <<'JS'
import { runSimulation } from "@cloud-copilot/iam-simulate";

const policy = (statement) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...statement }] });
const ask = async (operator, key, wanted, value) => {
  const answer = await runSimulation(
    {
      identityPolicies: [{ name: "p", policy: policy({ Action: "s3:GetObject", Condition: { [operator]: { [key]: wanted } } }) }],
      serviceControlPolicies: [{ orgIdentifier: "r", policies: [{ name: "all", policy: policy({ Action: "*" }) }] }],
      resourceControlPolicies: [],
      request: {
        action: "s3:GetObject",
        principal: "arn:aws:iam::123456789012:user/ann",
        resource: { accountId: "123456789012", resource: "arn:aws:s3:::bucket/key" },
        contextVariables: { [key]: value },
      },
    },
    {},
  );
  console.log(`${operator} ${wanted} ${value} ${answer.overallResult}`);
};
await ask("DateGreaterThan", "aws:EpochTime", "2025-01-01T00:00:00Z", "1767225600");
await ask("DateGreaterThan", "aws:EpochTime", "2025-01-01T00:00:00Z", "1767225600000");
await ask("DateGreaterThan", "aws:EpochTime", "1735689600", "1767225600");
await ask("IpAddress", "aws:SourceIp", "2001:db8::1", "2001:db8::1");
await ask("IpAddress", "aws:SourceIp", "2001:db8::1", "2001:db8:0:0:0:0:0:1");
await ask("IpAddress", "aws:SourceIp", "2001:db8::1", "2001:DB8::1");
await ask("IpAddress", "aws:SourceIp", "2001:db8::1/128", "2001:db8:0:0:0:0:0:1");
JS
(cd "$work" && node ask.mjs) >"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
DateGreaterThan 2025-01-01T00:00:00Z 1767225600 ImplicitlyDenied
DateGreaterThan 2025-01-01T00:00:00Z 1767225600000 Allowed
DateGreaterThan 1735689600 1767225600 Allowed
IpAddress 2001:db8::1 2001:db8::1 Allowed
IpAddress 2001:db8::1 2001:db8:0:0:0:0:0:1 ImplicitlyDenied
IpAddress 2001:db8::1 2001:DB8::1 ImplicitlyDenied
IpAddress 2001:db8::1/128 2001:db8:0:0:0:0:0:1 Allowed
EXPECTED
