// The flows of tests/clients/README.md with the AWS SDK for JavaScript v2, which reads no endpoint from the environment.
const { readFileSync } = require("node:fs");
const AWS = require("aws-sdk");

const { ROLE_ARN, ROLE_NAME, TRUST, POLICY_ARN, MFA_SERIAL, MFA_CODE_URL, AWS_ENDPOINT_URL: endpoint } = process.env;
AWS.config.update({ region: "us-east-1", sts: { endpoint }, iam: { endpoint }, s3: { endpoint, s3ForcePathStyle: true } });
const sts = new AWS.STS({ apiVersion: "2011-06-15" });
const asked = async (url) => (await fetch(url)).text();
const code = () => asked(MFA_CODE_URL);
const keys = ({ Credentials }) => ({ accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey,
  sessionToken: Credentials.SessionToken });
const buckets = async (answer) => (await new AWS.S3(keys(answer)).listBuckets().promise()).Buckets.map((bucket) => bucket.Name).join(",");
const role = { RoleArn: ROLE_ARN, RoleSessionName: "matrix" };

const flows = {
  async identity() {
    console.log((await sts.getCallerIdentity().promise()).Arn);
  },
  async renewal() {
    do await flows.identity(); while (await asked(process.env.LATER_URL) === "again");
  },
  async "profile-mfa"() {
    const tokenCodeFn = (_, answer) => answer(null, readFileSync(0, "utf8").trim());
    console.log((await new AWS.STS({ credentials: new AWS.SharedIniFileCredentials({ tokenCodeFn }) }).getCallerIdentity().promise()).Arn);
  },
  async "assume-role"() {
    console.log((await new AWS.STS(keys(await sts.assumeRole(role).promise())).getCallerIdentity().promise()).Arn);
  },
  async "assume-role-mfa"() {
    await sts.assumeRole(role).promise().catch((error) => console.log(error.code));
    console.log(await buckets(await sts.assumeRole({ ...role, SerialNumber: MFA_SERIAL, TokenCode: await code() }).promise()));
  },
  async "session-token-mfa"() {
    await buckets(await sts.getSessionToken().promise()).catch((error) => console.log(error.code));
    console.log(await buckets(await sts.getSessionToken({ SerialNumber: MFA_SERIAL, TokenCode: await code() }).promise()));
  },
  async "role-life"() {
    const iam = new AWS.IAM();
    const named = { RoleName: ROLE_NAME };
    await iam.createRole({ ...named, AssumeRolePolicyDocument: TRUST }).promise();
    await iam.attachRolePolicy({ ...named, PolicyArn: POLICY_ARN }).promise();
    console.log((await iam.listAttachedRolePolicies(named).promise()).AttachedPolicies[0].PolicyName);
    await iam.detachRolePolicy({ ...named, PolicyArn: POLICY_ARN }).promise();
    await iam.deleteRole(named).promise();
    await iam.getRole(named).promise().catch((error) => console.log(error.code));
  },
  async federation() {
    const { accessKeyId, secretAccessKey, sessionToken } = keys(await sts.assumeRole(role).promise());
    const session = JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken });
    const site = `${endpoint}/federation?`;
    const { SigninToken } = JSON.parse(await asked(site + new URLSearchParams({ Action: "getSigninToken", Session: session })));
    console.log(site + new URLSearchParams({ Action: "login", Issuer: "example.org", Destination: "https://console.aws.amazon.com/", SigninToken }));
  },
  async denied() {
    await new AWS.IAM().listUsers().promise().catch((error) => console.log(`${error.code}\n${error.message}`));
  },
};

flows[process.argv[2]]().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
