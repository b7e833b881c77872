#!/usr/bin/env bash
# cloudsplaining 0.9.1 reports actions that a Deny of the same policy forbids.
#
# Guess: what a policy is capable of is what its statements together allow: a Deny of iam:* on every resource leaves no action of IAM.
# Seen:  scan-policy-file looks at Allow statements alone. A policy that allows iam:AttachUserPolicy and denies iam:* is reported as
#        capable of resource exposure, word for word as the one without the Deny; with NotAction instead of Action in the Allow, what
#        NotAction leaves out is left out of the report, so the tool does read policies that closely.
# Why it matters: a report over an account lists people who can do nothing of the kind, most of all where guard rails are kept as Deny; a
#        server's own reports and simulations, which do look at it, will not agree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install cloudsplaining==0.9.1
scan() {
  printf '{"Version":"2012-10-17","Statement":[%s]}' "$2" >"$work/policy.json"
  # Colours are taken off; of the actions those that the policy names.
  printf '%s: ' "$1"
  "$work/venv/bin/cloudsplaining" scan-policy-file --input-file "$work/policy.json" | sed 's/\x1b\[[0-9;]*m//g' |
    grep -A1 'Resource Exposure' | grep -o 'iam:AttachUserPolicy' || echo nothing
}
allow='{"Sid":"A","Effect":"Allow","Action":["iam:AttachUserPolicy","s3:ListAllMyBuckets"],"Resource":"*"}'
deny='{"Sid":"D","Effect":"Deny","Action":"iam:*","Resource":"*"}'
{
  scan 'allowed' "$allow"
  scan 'allowed and denied' "$allow,$deny"
  scan 'denied alone' "$deny"
  scan 'left out by NotAction' '{"Sid":"N","Effect":"Allow","NotAction":"iam:*","Resource":"*"}'
} >"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
allowed: iam:AttachUserPolicy
allowed and denied: iam:AttachUserPolicy
denied alone: nothing
left out by NotAction: nothing
EXPECTED
