#!/usr/bin/env bash
# pyotp 2.12.1 and otplib 13.5.0 refuse seeds that authenticator apps take, and each draws the line elsewhere.
#
# Guess: any base32 text is a seed, as in earlier releases; 16 letters (80 bits) is the usual length in examples.
# Seen:  16 letters: pyotp says at least 112 bits, otplib at least 128, otpauth 9.5.2 computes a code. 24 letters (120 bits):
#        pyotp and otpauth compute the same code, otplib refuses. 26 letters whose last one has bits set that belong to no byte:
#        otplib refuses them as "non-zero padding", the other two agree on a code. 32 and 64 letters: all three agree.
#        Blanks between groups of four, as people copy them: otpauth alone takes them.
# Why it matters: a server that gives short or oddly cut seeds shuts two of three libraries out; 32 letters or 64 (what IAM
#        gives) work everywhere.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install pyotp==2.12.1
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit otplib@13.5.0 otpauth@9.5.2 >/dev/null)
cat >"$work/codes.mjs" <<'JS'
import { generate } from "otplib";
import * as otpauth from "otpauth";

const attempt = async (make) => {
  try {
    return await make();
  } catch {
    return "refused";
  }
};
for (const seed of process.argv.slice(2)) {
  const first = await attempt(() => generate({ secret: seed, epoch: 1000000000 }));
  const second = await attempt(() => new otpauth.TOTP({ secret: seed }).generate({ timestamp: 1000000000000 }));
  console.log(`${first} ${second}`);
}
JS
cat >"$work/codes.py" <<'PYTHON'
import sys

import pyotp

for seed in sys.argv[1:]:
    try:
        print(pyotp.TOTP(seed).at(1000000000))
    except Exception:
        print("refused")
PYTHON
word=JBSWY3DPEHPK3PXP
seeds=("$word" "${word}JBSWY3DP" "${word}JBSWY3DPEH" "$word$word" "$word$word$word$word" "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP")
paste -d' ' <("$work/venv/bin/python" "$work/codes.py" "${seeds[@]}") <(cd "$work" && node codes.mjs "${seeds[@]}") >"$work/seen"
echo "pyotp otplib otpauth, for seeds of 16, 24, 26, 32, 64 letters and of 32 with blanks:"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
refused refused 949556
061926 refused 061926
845836 refused 845836
832818 832818 832818
164878 164878 164878
refused refused 832818
EXPECTED
