import { type _Object, type CommonPrefix, DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Icon from "@cloudscape-design/components/icon";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { usePaged } from "../calls";
import { s3 } from "../clients";
import { downloadObject } from "../objects";
import { link } from "../router";
import { bytes, t, when } from "../text";
import { clearTransfers, stop, type Transfer, uploadFile, useTransfers } from "../upload";
import { DeleteDialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { failed } from "../ui/notices";
import { To } from "../ui/parts";
import { useVersioning } from "../versioning";

interface Entry {
  key: string;
  folder: boolean;
  size?: number;
  changed?: Date;
}

const folders = (prefixes: CommonPrefix[] | undefined): Entry[] => (prefixes ?? []).map(({ Prefix }) => ({ key: Prefix ?? "", folder: true }));
const files = (objects: _Object[] | undefined, prefix: string): Entry[] =>
  (objects ?? [])
    .filter(({ Key }) => Key !== prefix)
    .map(({ Key, Size, LastModified }) => ({ key: Key ?? "", folder: false, size: Size, changed: LastModified }));

function Progress({ transfer }: { transfer: Transfer }) {
  const { id, name, sent, size, state, error } = transfer;
  const value = size > 0 ? (100 * sent) / size : state === "done" ? 100 : 0;
  const status = state === "done" ? "success" : state === "failed" || state === "stopped" ? "error" : "in-progress";
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="center">
      <ProgressBar
        label={name}
        value={value}
        status={status}
        additionalInfo={`${bytes(sent)} / ${bytes(size)}`}
        resultText={state === "done" ? t("uploaded") : state === "stopped" ? t("stopped") : (error ?? "")}
      />
      {(state === "going" || state === "waiting") && <Button iconName="close" variant="icon" ariaLabel={t("stop")} onClick={() => stop(id)} />}
    </SpaceBetween>
  );
}

function Transfers({ bucket }: { bucket: string }) {
  const mine = useTransfers().filter((transfer) => transfer.bucket === bucket);
  if (mine.length === 0) return null;
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${mine.length})`} actions={<Button onClick={clearTransfers}>{t("clear")}</Button>}>
          {t("uploads")}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {mine.slice(-20).map((transfer) => (
          <Progress key={transfer.id} transfer={transfer} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

// Where versions are kept, an object that is deleted is only hidden.
function DeleteObject({ bucket, objectKey, onClose, reload }: { bucket: string; objectKey: string; onClose: () => void; reload: () => void }) {
  const versioning = useVersioning(bucket);
  return (
    <DeleteDialog
      what={objectKey}
      note={versioning.data === "Enabled" ? t("deleteHidesNote") : undefined}
      onClose={onClose}
      onSubmit={async () => {
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectKey }));
        reload();
      }}
    />
  );
}

export default function Objects({ bucket, prefix }: { bucket: string; prefix: string }) {
  const entries = usePaged<Entry>(`${bucket}/${prefix}`, async (ContinuationToken) => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix || undefined, Delimiter: "/", ContinuationToken }));
    return {
      items: [...folders(answer.CommonPrefixes), ...files(answer.Contents, prefix)],
      next: answer.IsTruncated ? answer.NextContinuationToken : undefined,
    };
  });
  const [chosen, choose] = useState<Entry>();
  const [deletes, askDelete] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const send = async (chosenFiles: FileList | null) => {
    const all = [...(chosenFiles ?? [])];
    if (all.length === 0) return;
    await Promise.all(all.map((file) => uploadFile(bucket, prefix, file)));
    entries.reload();
  };
  const isFile = chosen !== undefined && !chosen.folder;
  return (
    <SpaceBetween size="l">
      <div
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void send(event.dataTransfer.files);
        }}
      >
        <Listing
          title={bucket}
          description={t("objectsText")}
          paged={entries}
          id={({ key }) => key}
          text={({ key }) => key.slice(prefix.length)}
          empty={t("noObjects")}
          selected={chosen}
          onSelect={choose}
          actions={
            <>
              <Button disabled={!isFile} onClick={() => isFile && void downloadObject(bucket, chosen.key).catch(failed)}>
                {t("download")}
              </Button>
              <Button disabled={!isFile} onClick={() => askDelete(true)}>
                {t("delete")}
              </Button>
              <Button href={link(["buckets", bucket, "versions"], { ...(prefix ? { prefix } : {}), ...(isFile ? { key: chosen.key } : {}) })}>{t("versions")}</Button>
              <Button href={link(["buckets", bucket, "policy"])}>{t("bucketPolicy")}</Button>
              <Button variant="primary" iconName="upload" onClick={() => picker.current?.click()}>
                {t("upload")}
              </Button>
            </>
          }
          columns={[
            {
              id: "key",
              header: t("objectKey"),
              cell: ({ key, folder }) =>
                folder ? (
                  <>
                    <Icon name="folder" /> <To path={["buckets", bucket]} params={{ prefix: key }}>{key.slice(prefix.length)}</To>
                  </>
                ) : (
                  key.slice(prefix.length)
                ),
              isRowHeader: true,
            },
            { id: "size", header: t("size"), cell: ({ size, folder }) => (folder ? "-" : bytes(size)) },
            { id: "changed", header: t("changedAt"), cell: ({ changed }) => when(changed) },
          ]}
        />
      </div>
      <Box color="text-body-secondary">{t("dropText")}</Box>
      <input ref={picker} type="file" multiple hidden aria-label={t("upload")} onChange={({ target }) => void send(target.files).then(() => (target.value = ""))} />
      <Transfers bucket={bucket} />
      {deletes && chosen && (
        <DeleteObject
          bucket={bucket}
          objectKey={chosen.key}
          onClose={() => askDelete(false)}
          reload={() => {
            choose(undefined);
            entries.reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
