#!/usr/bin/env bash
# aws-sdk (JavaScript v2) 2.1693.0 sends AssumeRole without the MFA device that the profile names, where no function for codes was given.
#
# Guess: for a profile with mfa_serial and nobody to ask for a code it fails before any request, and says which function is missing
#        (boto3 and the AWS CLI ask at the terminal).
# Seen:  tokenCodeFn is looked at only if it is a function: otherwise AssumeRole leaves with neither SerialNumber nor TokenCode, and what the
#        program hears is the server's refusal of the role, with no word about a device.
# Why it matters: at a server whose trust policy asks for MFA this looks like a wrong policy, and where none asks, the session comes to be without MFA,
#        which the owner of the profile thinks it has.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit aws-sdk@2.1693.0 >/dev/null)
cat >"$work/ask.js" <<'JS'
const AWS = require("aws-sdk");
AWS.config.update({ region: "us-east-1", sts: { endpoint: process.env.STS }, maxRetries: 0 });
const asked = process.argv[2] === "with" ? { tokenCodeFn: (serial, done) => done(null, "123456") } : {};
new AWS.SharedIniFileCredentials({ profile: "with-mfa", ...asked }).refresh((error) => console.log(error ? error.code : "credentials"));
JS
PYTHONPATH="$here" WORK="$work" python3 - <<'PYTHON'
import os
import pathlib
import subprocess
import urllib.parse

import recorder

REFUSAL = (b"<ErrorResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><Error><Type>Sender</Type><Code>AccessDenied</Code>"
           b"<Message>not authorized to perform: sts:AssumeRole</Message></Error><RequestId>1</RequestId></ErrorResponse>")
work = pathlib.Path(os.environ["WORK"])
(work / "config").write_text("[profile with-mfa]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = person\n"
                             "mfa_serial = arn:aws:iam::123456789012:mfa/person\n")
(work / "credentials").write_text("[person]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s\n")
port, seen = recorder.start(lambda *_: (403, {"Content-Type": "text/xml"}, REFUSAL))
env = {"PATH": os.environ["PATH"], "HOME": str(work), "STS": f"http://127.0.0.1:{port}", "AWS_SDK_LOAD_CONFIG": "1", "NODE_NO_WARNINGS": "1",
       "AWS_CONFIG_FILE": str(work / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(work / "credentials"),
       "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1"}


def ask(how):
    seen.clear()
    said = subprocess.run(["node", work / "ask.js", how], env=env, cwd=work, capture_output=True, text=True, check=True).stdout.strip()
    form = urllib.parse.parse_qs(seen[0][3].decode())
    got = said, form["Action"], "SerialNumber" in form, "TokenCode" in form
    print(how, "a function:", got)
    return got


assert ask("with") == ("AccessDenied", ["AssumeRole"], True, True)
assert ask("without") == ("AccessDenied", ["AssumeRole"], False, False)
PYTHON
