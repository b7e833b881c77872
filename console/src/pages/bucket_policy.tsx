import { DeleteBucketPolicyCommand, GetBucketPolicyCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useCall } from "../calls";
import { s3 } from "../clients";
import { jsonProblem, readable } from "../json";
import { useSession } from "../session";
import { t } from "../text";
import { DeleteDialog } from "../ui/dialog";
import { done } from "../ui/notices";
import { Answer } from "../ui/parts";
import { PolicyText } from "../ui/policy_text";
import { Problem, told } from "../ui/problem";
import { TryBucketPolicy } from "../ui/try_policy";

const firstPolicy = (bucket: string, account: string) =>
  JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` },
      ],
    },
    null,
    2,
  );

function Editor({ bucket, stored, reload }: { bucket: string; stored: string; reload: () => void }) {
  const { account } = useSession();
  const [text, setText] = useState(stored || firstPolicy(bucket, account));
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const [deletes, askDelete] = useState(false);
  const save = async () => {
    setWorking(true);
    setError(undefined);
    try {
      await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: text }));
      done(t("saved", { what: t("bucketPolicy") }));
      reload();
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="m">
          {!stored && <Box color="text-body-secondary">{t("noBucketPolicy")}</Box>}
          <PolicyText type="BUCKET_POLICY" bucket={bucket} label={t("bucketPolicy")} value={text} onChange={setText} before={stored} />
          {error !== undefined && <Problem error={error} />}
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" loading={working} disabled={text === stored} onClick={() => void save()}>
              {t("save")}
            </Button>
            <Button disabled={!stored || working} onClick={() => askDelete(true)}>
              {t("delete")}
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      </Container>
      <TryBucketPolicy bucket={bucket} text={text} isPolicy={text.trim() !== "" && jsonProblem(text) === undefined} />
      {deletes && (
        <DeleteDialog
          what={t("bucketPolicy")}
          onClose={() => askDelete(false)}
          onSubmit={async () => {
            await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
            reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}

export default function BucketPolicy({ bucket }: { bucket: string }) {
  const policy = useCall(`bucket-policy-${bucket}`, async () => {
    try {
      return readable((await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy);
    } catch (error) {
      if (told(error).code === "NoSuchBucketPolicy") return "";
      throw error;
    }
  });
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("bucketPolicyText")}>
        {t("policyOf", { bucket })}
      </Header>
      <Answer call={policy}>{(stored) => <Editor key={stored} bucket={bucket} stored={stored} reload={policy.reload} />}</Answer>
    </SpaceBetween>
  );
}
