#!/bin/sh
# The steps of ../why-denied.md. SIGNET: the program (default: signet on the PATH).
set -eu
cd "$(dirname "$0")"
signet="${SIGNET:-signet}"
denied=$("$signet" policy eval --batch < question.json)
case "$denied" in
  *'"verdict":"ExplicitlyDenied","reason":"resource","matched":["NeedsMfa"]'*) ;;
  *) echo "unexpected: $denied" >&2; exit 1 ;;
esac
fixed=$(sed 's/"context":{/"context":{"aws:MultiFactorAuthPresent":"true",/' question.json | "$signet" policy eval --batch)
case "$fixed" in
  *'"verdict":"Allowed","reason":"identity","matched":["Office"]'*) ;;
  *) echo "unexpected: $fixed" >&2; exit 1 ;;
esac
echo "denied without MFA, allowed with it"
