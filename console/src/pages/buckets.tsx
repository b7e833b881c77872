import { type Bucket, CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { lazy, Suspense, useState } from "react";
import { usePaged } from "../calls";
import { s3 } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { Dialog } from "../ui/dialog";
import { Collection } from "../ui/collection";
import { To, Waiting } from "../ui/parts";

const Objects = lazy(() => import("./objects"));
const Versions = lazy(() => import("./versions"));
const BucketPolicy = lazy(() => import("./bucket_policy"));

function CreateBucket({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  return (
    <Dialog
      title={t("createBucket")}
      submit={t("create")}
      onClose={onClose}
      disabled={!name}
      success={t("created", { what: name })}
      onSubmit={async () => {
        await s3.send(new CreateBucketCommand({ Bucket: name }));
        go(["buckets", name]);
      }}
    >
      <FormField label={t("bucketName")} constraintText={t("bucketNameText")}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}

function BucketList() {
  const buckets = usePaged<Bucket>("buckets", async (ContinuationToken) => {
    const answer = await s3.send(new ListBucketsCommand({ ContinuationToken, MaxBuckets: 1000 }));
    return { items: answer.Buckets ?? [], next: answer.ContinuationToken };
  });
  const [creates, askCreate] = useState(false);
  return (
    <>
      <Collection
        title={t("buckets")}
        description={t("bucketsText")}
        paged={buckets}
        id={({ Name }) => Name ?? ""}
        name={({ Name }) => Name ?? ""}
        empty={t("noBuckets")}
        create={t("createBucket")}
        onCreate={() => askCreate(true)}
        note={t("deleteBucketNote")}
        remove={({ Name }) => s3.send(new DeleteBucketCommand({ Bucket: Name }))}
        columns={[
          { id: "name", header: t("bucketName"), cell: ({ Name }) => <To path={["buckets", Name ?? ""]}>{Name}</To>, isRowHeader: true },
          { id: "created", header: t("createdAt"), cell: ({ CreationDate }) => when(CreationDate) },
        ]}
      />
      {creates && <CreateBucket onClose={() => askCreate(false)} />}
    </>
  );
}

export default function Buckets() {
  const { path, params } = usePlace();
  const name = path[1];
  if (name === undefined) return <BucketList />;
  const prefix = params.get("prefix") ?? "";
  const page = () => {
    if (path[2] === "policy") return <BucketPolicy bucket={name} />;
    const key = `${name}/${prefix}`;
    if (path[2] === "versions") return <Versions key={key} bucket={name} prefix={prefix} only={params.get("key") ?? undefined} />;
    return <Objects key={key} bucket={name} prefix={prefix} />;
  };
  return <Suspense fallback={<Waiting />}>{page()}</Suspense>;
}
