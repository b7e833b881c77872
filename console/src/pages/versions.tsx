import {
  type BucketVersioningStatus,
  CopyObjectCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { usePaged } from "../calls";
import { s3 } from "../clients";
import { downloadObject } from "../objects";
import { link } from "../router";
import { bytes, type Key, t, when } from "../text";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { failed } from "../ui/notices";
import { Answer } from "../ui/parts";
import { useVersioning, type Versioning } from "../versioning";

// A version of an object, or a mark that it was deleted.
interface Entry {
  key: string;
  id: string;
  isLatest: boolean;
  isMarker: boolean;
  size?: number;
  changed?: Date;
}

const NO_ID = "null"; // stored while versioning was off

const STATES: Record<Versioning, { text: Key; explains: Key; type: "success" | "stopped" | "warning" }> = {
  Enabled: { text: "versioningOn", explains: "versioningOnText", type: "success" },
  Suspended: { text: "versioningSuspended", explains: "versioningSuspendedText", type: "warning" },
  Off: { text: "versioningOff", explains: "versioningOffText", type: "stopped" },
};

function Switch({ bucket, state, onClose, reload }: { bucket: string; state: Versioning; onClose: () => void; reload: () => void }) {
  const suspends = state === "Enabled";
  const Status: BucketVersioningStatus = suspends ? "Suspended" : "Enabled";
  return (
    <Dialog
      title={suspends ? t("suspendVersioning") : t("enableVersioning")}
      submit={suspends ? t("suspendVersioning") : t("enableVersioning")}
      success={t("saved", { what: t("versioning") })}
      onClose={onClose}
      onSubmit={async () => {
        await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
        reload();
      }}
    >
      <Alert type="warning">{suspends ? t("suspendVersioningText") : t("enableVersioningText")}</Alert>
    </Dialog>
  );
}

function VersioningState({ bucket }: { bucket: string }) {
  const state = useVersioning(bucket);
  const [asks, ask] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            state.data && <Button onClick={() => ask(true)}>{state.data === "Enabled" ? t("suspendVersioning") : t("enableVersioning")}</Button>
          }
        >
          {t("versioning")}
        </Header>
      }
    >
      <Answer call={state}>
        {(found) => (
          <SpaceBetween size="xs">
            <StatusIndicator type={STATES[found].type}>{t(STATES[found].text)}</StatusIndicator>
            <Box color="text-body-secondary">{t(STATES[found].explains)}</Box>
            {asks && <Switch bucket={bucket} state={found} onClose={() => ask(false)} reload={state.reload} />}
          </SpaceBetween>
        )}
      </Answer>
    </Container>
  );
}

function Kind({ entry: { isMarker, isLatest } }: { entry: Entry }) {
  if (isMarker) return <StatusIndicator type={isLatest ? "warning" : "stopped"}>{isLatest ? t("markerInForce") : t("markerPast")}</StatusIndicator>;
  return <StatusIndicator type={isLatest ? "success" : "stopped"}>{isLatest ? t("versionCurrent") : t("versionEarlier")}</StatusIndicator>;
}

const idText = ({ id }: Entry) => (id === NO_ID ? t("versionWithoutId") : id);

// Brings an object back: without the mark that hides it, or with an earlier version as a new one.
async function restore(bucket: string, { key, id, isMarker }: Entry): Promise<void> {
  if (isMarker) {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: id }));
    return;
  }
  const source = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}?versionId=${encodeURIComponent(id)}`;
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: source }));
}

export default function Versions({ bucket, prefix, only }: { bucket: string; prefix: string; only?: string }) {
  const wanted = only ?? prefix;
  const entries = usePaged<Entry>(`versions-${bucket}/${wanted}`, async (marker) => {
    const [KeyMarker, VersionIdMarker] = marker === undefined ? [] : (JSON.parse(marker) as [string, string]);
    const answer = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: wanted || undefined, KeyMarker, VersionIdMarker }));
    const found: Entry[] = [
      ...(answer.Versions ?? []).map((one) => ({ ...one, isMarker: false })),
      ...(answer.DeleteMarkers ?? []).map((one) => ({ ...one, Size: undefined, isMarker: true })),
    ].map(({ Key, VersionId, IsLatest, Size, LastModified, isMarker }) => ({
      key: Key ?? "",
      id: VersionId ?? NO_ID,
      isLatest: IsLatest ?? false,
      isMarker,
      size: Size,
      changed: LastModified,
    }));
    // The answer has the two apart; people read what happened to one object, the newest first.
    found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : Number(b.isLatest) - Number(a.isLatest) || +(b.changed ?? 0) - +(a.changed ?? 0)));
    const items = only === undefined ? found : found.filter(({ key }) => key === only);
    const isPast = only !== undefined && answer.NextKeyMarker !== undefined && answer.NextKeyMarker > only;
    return { items, next: answer.IsTruncated && !isPast ? JSON.stringify([answer.NextKeyMarker, answer.NextVersionIdMarker]) : undefined };
  });
  const [chosen, choose] = useState<Entry>();
  const [asks, ask] = useState<"restore" | "delete">();
  const reload = () => {
    choose(undefined);
    entries.reload();
  };
  const name = chosen?.key.slice(chosen.key.lastIndexOf("/") + 1) ?? "";
  const isRestorable = chosen !== undefined && chosen.isMarker === chosen.isLatest;
  return (
    <SpaceBetween size="l">
      <Listing
        title={only === undefined ? t("versionsIn", { bucket }) : t("versionsOf", { key: only })}
        description={t("objectVersionsText")}
        paged={entries}
        id={({ key, id }) => `${key} ${id}`}
        text={({ key, id }) => `${key} ${id}`}
        empty={t("noVersions")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button
              disabled={!chosen || chosen.isMarker}
              onClick={() => chosen && void downloadObject(bucket, chosen.key, chosen.id).catch(failed)}
            >
              {t("download")}
            </Button>
            <Button disabled={!isRestorable} onClick={() => ask("restore")}>
              {t("restore")}
            </Button>
            <Button disabled={!chosen} onClick={() => ask("delete")}>
              {t("deleteForGood")}
            </Button>
            <Button href={link(["buckets", bucket], prefix ? { prefix } : undefined)}>{t("objects")}</Button>
          </>
        }
        columns={[
          { id: "key", header: t("objectKey"), cell: ({ key }) => key, isRowHeader: true },
          { id: "kind", header: t("kind"), cell: (entry) => <Kind entry={entry} /> },
          { id: "id", header: t("versionId"), cell: idText },
          { id: "size", header: t("size"), cell: ({ size }) => bytes(size) },
          { id: "changed", header: t("changedAt"), cell: ({ changed }) => when(changed) },
        ]}
      />
      <VersioningState bucket={bucket} />
      {asks === "restore" && chosen && (
        <Dialog
          title={t("restoreTitle", { what: name })}
          submit={t("restore")}
          success={t("restored", { what: name })}
          onClose={() => ask(undefined)}
          onSubmit={async () => {
            await restore(bucket, chosen);
            reload();
          }}
        >
          <Box>{chosen.isMarker ? t("restoreMarkerText") : t("restoreCopyText")}</Box>
        </Dialog>
      )}
      {asks === "delete" && chosen && (
        <DeleteDialog
          what={`${name} (${idText(chosen)})`}
          note={chosen.isMarker ? t("deleteMarkerNote") : t("deleteVersionNote")}
          onClose={() => ask(undefined)}
          onSubmit={async () => {
            await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: chosen.key, VersionId: chosen.id }));
            reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
