#!/usr/bin/env bash
# parliament 1.6.4 finds nothing wrong with a policy that allows everything.
#
# Guess: a linter of IAM policies that complains of s3:GetObject on every object complains all the more of every action on everything.
# Seen:  Action * or *:* with Resource * gives no finding and exit code 0; iam:* and s3:GetObject with the same resource are reported
#        (RESOURCE_STAR) with exit code 1. A wildcard in the service's part is no service either: s*:* is an unknown prefix, *:* is not.
# Why it matters: a check in a pipeline ("the policies of this commit pass parliament") lets an administrator's policy through and
#        stops a narrower one, so people widen until it is silent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install parliament==1.6.4 'setuptools<81'
for action in '*' '*:*' 'iam:*' 's3:GetObject' 's*:*'; do
  code=0
  said=$("$work/venv/bin/parliament" --json --string \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"$action\",\"Resource\":\"*\"}]}") || code=$?
  echo "$action: $(grep -o '"issue": "[A-Z_]*"' <<<"$said" | cut -d '"' -f 4 | sort -u | tr '\n' ' ')exit code $code"
done >"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
*: exit code 0
*:*: exit code 0
iam:*: RESOURCE_STAR exit code 1
s3:GetObject: RESOURCE_STAR exit code 1
s*:*: UNKNOWN_PREFIX exit code 1
EXPECTED
