// The flows of tests/clients/README.md with the AWS SDK for JavaScript v3.
import { AttachRolePolicyCommand, CreateRoleCommand, DeleteRoleCommand, DetachRolePolicyCommand, GetRoleCommand, IAMClient,
  ListAttachedRolePoliciesCommand, ListUsersCommand, NoSuchEntityException } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-provider-ini";
import { text } from "node:stream/consumers";

const { ROLE_ARN, ROLE_NAME, TRUST, POLICY_ARN, MFA_SERIAL, MFA_CODE_URL, AWS_ENDPOINT_URL, LATER_URL } = process.env;
const sts = new STSClient({});
const asked = async (url) => (await fetch(url)).text();
const code = () => asked(MFA_CODE_URL);
const keys = (answer) => ({ accessKeyId: answer.Credentials.AccessKeyId, secretAccessKey: answer.Credentials.SecretAccessKey,
  sessionToken: answer.Credentials.SessionToken });
const buckets = async (answer) =>
  (await new S3Client({ credentials: keys(answer) }).send(new ListBucketsCommand({}))).Buckets.map((bucket) => bucket.Name).join(",");
const role = { RoleArn: ROLE_ARN, RoleSessionName: "matrix" };

const flows = {
  async identity() {
    console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
  },
  async renewal() {
    do await flows.identity(); while (await asked(LATER_URL) === "again");
  },
  async "profile-mfa"() {
    const credentials = fromIni({ mfaCodeProvider: async () => (await text(process.stdin)).trim() });
    console.log((await new STSClient({ credentials }).send(new GetCallerIdentityCommand({}))).Arn);
  },
  async "assume-role"() {
    const answer = await sts.send(new AssumeRoleCommand(role));
    console.log((await new STSClient({ credentials: keys(answer) }).send(new GetCallerIdentityCommand({}))).Arn);
  },
  async "assume-role-mfa"() {
    await sts.send(new AssumeRoleCommand(role)).catch((error) => console.log(error.name));
    console.log(await buckets(await sts.send(new AssumeRoleCommand({ ...role, SerialNumber: MFA_SERIAL, TokenCode: await code() }))));
  },
  async "session-token-mfa"() {
    await buckets(await sts.send(new GetSessionTokenCommand({}))).catch((error) => console.log(error.name));
    console.log(await buckets(await sts.send(new GetSessionTokenCommand({ SerialNumber: MFA_SERIAL, TokenCode: await code() }))));
  },
  async "role-life"() {
    const iam = new IAMClient({});
    const named = { RoleName: ROLE_NAME };
    await iam.send(new CreateRoleCommand({ ...named, AssumeRolePolicyDocument: TRUST }));
    await iam.send(new AttachRolePolicyCommand({ ...named, PolicyArn: POLICY_ARN }));
    console.log((await iam.send(new ListAttachedRolePoliciesCommand(named))).AttachedPolicies[0].PolicyName);
    await iam.send(new DetachRolePolicyCommand({ ...named, PolicyArn: POLICY_ARN }));
    await iam.send(new DeleteRoleCommand(named));
    await iam.send(new GetRoleCommand(named)).catch((error) => console.log(error instanceof NoSuchEntityException ? "NoSuchEntity" : error.name));
  },
  async federation() {
    const { accessKeyId, secretAccessKey, sessionToken } = keys(await sts.send(new AssumeRoleCommand(role)));
    const session = JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken });
    const base = `${AWS_ENDPOINT_URL}/federation?`;
    const { SigninToken } = await (await fetch(base + new URLSearchParams({ Action: "getSigninToken", Session: session }))).json();
    console.log(base + new URLSearchParams({ Action: "login", Issuer: "example.org", Destination: "https://console.aws.amazon.com/", SigninToken }));
  },
  async denied() {
    await new IAMClient({}).send(new ListUsersCommand({})).catch((error) => console.log(`${error.name}\n${error.message}`));
  },
};

await flows[process.argv[2]]();
