// AssumeRole for fifteen minutes, then GetCallerIdentity with the result; prints one JSON object.
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const region = "us-east-1";
const client = new STSClient({ region, maxAttempts: 1 });
try {
  const before = await client.send(new GetCallerIdentityCommand({}));
  const { Credentials } = await client.send(
    new AssumeRoleCommand({
      RoleArn: process.env.ROLE_ARN,
      RoleSessionName: "session1",
      DurationSeconds: 900,
    }),
  );
  const assumed = new STSClient({
    region,
    maxAttempts: 1,
    credentials: {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    },
  });
  const after = await assumed.send(new GetCallerIdentityCommand({}));
  console.log(
    JSON.stringify({
      before: before.Arn,
      after: after.Arn,
      access_key: Credentials.AccessKeyId,
      lifetime_seconds: Math.round((Credentials.Expiration.getTime() - Date.now()) / 1000),
    }),
  );
} catch (error) {
  console.log(
    JSON.stringify({ error: error.name, status: error.$metadata?.httpStatusCode, message: error.message }),
  );
}
