#!/bin/bash
# The flows of tests/clients/README.md with the AWS command line.
set -euo pipefail

code() { curl --silent --fail "$MFA_CODE_URL"; }

# What the command line says of a refusal; its exit code must be that of one.
refused() { "$@" 2>&1 >/dev/null || test $? -ge 250; }

# The code of that.
told() { sed -n 's/^.*An error occurred (\([A-Za-z]*\)) when calling .*: \(User: .*\)\?.*$/\1/p'; }

use() { read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; }

keys='Credentials.[AccessKeyId, SecretAccessKey, SessionToken]'

buckets() { use; aws s3api list-buckets --query 'Buckets[].Name' --output text; }

case $1 in
  identity | profile-mfa) aws sts get-caller-identity --query Arn --output text ;;
  assume-role)
    use < <(aws sts assume-role --role-arn "$ROLE_ARN" --role-session-name matrix --query "$keys" --output text)
    aws sts get-caller-identity --query Arn --output text ;;
  assume-role-mfa)
    refused aws sts assume-role --role-arn "$ROLE_ARN" --role-session-name matrix | told
    aws sts assume-role --role-arn "$ROLE_ARN" --role-session-name matrix --serial-number "$MFA_SERIAL" --token-code "$(code)" \
      --query "$keys" --output text | buckets ;;
  session-token-mfa)
    aws sts get-session-token --query "$keys" --output text | { use; refused aws s3api list-buckets | told; }
    aws sts get-session-token --duration-seconds 900 --serial-number "$MFA_SERIAL" --token-code "$(code)" --query "$keys" --output text | buckets ;;
  role-life)
    aws iam create-role --role-name "$ROLE_NAME" --assume-role-policy-document "$TRUST" >/dev/null
    aws iam attach-role-policy --role-name "$ROLE_NAME" --policy-arn "$POLICY_ARN"
    aws iam list-attached-role-policies --role-name "$ROLE_NAME" --query 'AttachedPolicies[].PolicyName' --output text
    aws iam detach-role-policy --role-name "$ROLE_NAME" --policy-arn "$POLICY_ARN"
    aws iam delete-role --role-name "$ROLE_NAME"
    refused aws iam get-role --role-name "$ROLE_NAME" | told ;;
  federation)
    session=$(aws sts assume-role --role-arn "$ROLE_ARN" --role-session-name matrix --output json \
      --query 'Credentials.{sessionId: AccessKeyId, sessionKey: SecretAccessKey, sessionToken: SessionToken}')
    token=$(curl --silent --fail --get "$AWS_ENDPOINT_URL/federation" --data-urlencode Action=getSigninToken \
      --data-urlencode "Session=$session" | sed 's/.*"SigninToken" *: *"\([^"]*\)".*/\1/')
    echo "$AWS_ENDPOINT_URL/federation?Action=login&Issuer=example.org&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken=$token" ;;
  denied)
    said=$(refused aws iam list-users)
    told <<< "$said"
    sed -n 's/^.*operation[^:]*: //p' <<< "$said" ;;
esac
