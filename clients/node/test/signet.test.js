// The library against the real program (SIGNET_BINARY) and AWS SDK v3.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it, test } from "node:test";

import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";

import { Signet, useSignet } from "../index.js";

const READ = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" };
const ASSUME = { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" };

describe("one server for a file of tests", () => {
  const signet = useSignet({ before, beforeEach, after });

  it("knows the administrator", async () => {
    const sts = new STSClient(signet.config());
    const answer = await sts.send(new GetCallerIdentityCommand({}));
    assert.equal(answer.Arn, `arn:aws:iam::${signet.account}:user/admin`);
  });

  for (const turn of ["first", "second"]) {
    it(`begins afresh for the ${turn} test`, async () => {
      const s3 = new S3Client(signet.config());
      assert.equal((await s3.send(new ListBucketsCommand({}))).Buckets?.length ?? 0, 0);
      await signet.createBucket("reports");
      await signet.clock.shift(86_400);
    });
  }

  it("lets a user do what its policy says and no more", async () => {
    await signet.createBucket("reports");
    await new S3Client(signet.config()).send(new PutObjectCommand({ Bucket: "reports", Key: "a", Body: "text" }));
    const { credentials } = await signet.createUser("reader", READ);
    const s3 = new S3Client(signet.config(credentials));
    const answer = await s3.send(new GetObjectCommand({ Bucket: "reports", Key: "a" }));
    assert.equal(await answer.Body.transformToString(), "text");
    await assert.rejects(s3.send(new PutObjectCommand({ Bucket: "reports", Key: "a", Body: "other" })), { name: "AccessDenied" });
  });

  it("lets only whom a role trusts assume it", async () => {
    const user = await signet.createUser("dev", ASSUME);
    const stranger = await signet.createUser("stranger", ASSUME);
    const role = await signet.createRole("deployer", user, READ);
    const session = await signet.assumeRole(role, user.credentials);
    const answer = await new STSClient(signet.config(session)).send(new GetCallerIdentityCommand({}));
    assert.match(answer.Arn, /:assumed-role\/deployer\/test$/);
    await assert.rejects(signet.assumeRole(role, stranger.credentials), { name: "AccessDenied" });
  });

  it("sets the clock and puts it back", async () => {
    const moment = new Date("2027-01-01T00:00:00Z");
    await signet.clock.set(moment);
    assert.ok(Math.abs((await signet.clock.now()) - moment) < 5000);
    await signet.clock.reset();
    assert.ok(Math.abs((await signet.clock.now()) - new Date()) < 5000);
  });

  it("tells unmodified programs where it is", () => {
    const variables = signet.environment();
    assert.equal(variables.AWS_ENDPOINT_URL, signet.url);
    assert.equal(variables.AWS_ACCESS_KEY_ID, signet.admin.accessKeyId);
    assert.ok(!("AWS_SESSION_TOKEN" in variables));
  });
});

test("a bootstrap of one's own, with an MFA device", async () => {
  const signet = await Signet.start({
    bootstrap: {
      accounts: [{
        id: "111122223333",
        users: [{
          name: "alice",
          access_keys: [{ access_key_id: "ALICEKEY000000000001", secret_access_key: "s" }],
          mfa_devices: [{ name: "phone", seed: "JBSWY3DPEHPK3PXP" }],
        }],
      }],
    },
  });
  try {
    const sts = new STSClient(signet.config(signet.credentials("alice")));
    const command = new GetSessionTokenCommand({
      SerialNumber: "arn:aws:iam::111122223333:mfa/phone",
      TokenCode: await signet.mfaCode("JBSWY3DPEHPK3PXP"),
    });
    assert.match((await sts.send(command)).Credentials.AccessKeyId, /^ASIA/);
    assert.throws(() => signet.credentials("bob"), /gives no user bob/);
  } finally {
    await signet.stop();
  }
});

test("a bad bootstrap file is told with its place", async () => {
  await assert.rejects(Signet.start({ bootstrap: { accounts: [{ id: "111122223333", user: [] }] } }),
    /accounts\[0\]: unknown member "user"; did you mean "users"\?/);
});

test("a missing program is told", async (t) => {
  const { SIGNET_BINARY, PATH } = process.env;
  t.after(() => Object.assign(process.env, { SIGNET_BINARY, PATH }));
  delete process.env.SIGNET_BINARY;
  process.env.PATH = "/nowhere";
  await assert.rejects(Signet.start(), /SIGNET_BINARY/);
});
