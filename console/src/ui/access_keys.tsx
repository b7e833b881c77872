import {
  type AccessKey,
  type AccessKeyMetadata,
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { usePaged } from "../calls";
import { iam } from "../clients";
import { ageInDays, OLD_KEY_DAYS } from "../credential_report";
import { t, when } from "../text";
import { DeleteDialog } from "./dialog";
import { Listing } from "./listing";
import { failed } from "./notices";
import { Copied, Facts } from "./parts";

interface Row extends AccessKeyMetadata {
  lastUsed?: string;
}

async function lastUse(key: string | undefined): Promise<string> {
  try {
    const used = (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key }))).AccessKeyLastUsed;
    return used?.LastUsedDate ? `${when(used.LastUsedDate)} (${used.ServiceName})` : t("never");
  } catch {
    return "-"; // the list is worth showing without it
  }
}

function Age({ date }: { date: Date | undefined }) {
  const days = ageInDays(date) ?? 0;
  return (
    <StatusIndicator type={days > OLD_KEY_DAYS ? "warning" : "success"}>
      {t("days", { days })}
      {days > OLD_KEY_DAYS ? ` - ${t("rotate")}` : ""}
    </StatusIndicator>
  );
}

// The access keys of a user; without a name, the caller's own.
export function AccessKeys({ user }: { user?: string }) {
  const keys = usePaged<Row>(`keys-${user ?? ""}`, async (Marker) => {
    const answer = await iam.send(new ListAccessKeysCommand({ UserName: user, Marker }));
    const items = await Promise.all((answer.AccessKeyMetadata ?? []).map(async (key) => ({ ...key, lastUsed: await lastUse(key.AccessKeyId) })));
    return { items, next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<Row>();
  const [made, show] = useState<AccessKey>();
  const [deletes, askDelete] = useState(false);
  const [working, setWorking] = useState(false);
  const id = chosen?.AccessKeyId;

  const attempt = async (work: () => Promise<unknown>) => {
    setWorking(true);
    try {
      await work();
      choose(undefined);
      keys.reload();
    } catch (error) {
      failed(error);
    } finally {
      setWorking(false);
    }
  };
  const create = () => attempt(async () => show((await iam.send(new CreateAccessKeyCommand({ UserName: user }))).AccessKey));
  const toggle = () =>
    attempt(() => iam.send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: id, Status: chosen?.Status === "Active" ? "Inactive" : "Active" })));
  return (
    <SpaceBetween size="s">
      {made && (
        <Alert type="success" header={t("keyMade")} dismissible dismissAriaLabel={t("close")} onDismiss={() => show(undefined)}>
          <SpaceBetween size="xs">
            <span>{t("keyMadeText")}</span>
            <Facts
              columns={1}
              items={[
                { label: t("accessKeyId"), value: <Copied text={made.AccessKeyId ?? ""} /> },
                { label: t("secretKey"), value: <Copied text={made.SecretAccessKey ?? ""} /> },
              ]}
            />
          </SpaceBetween>
        </Alert>
      )}
      <Listing
        level="h2"
        title={t("accessKeys")}
        description={t("rotationText")}
        paged={keys}
        id={({ AccessKeyId }) => AccessKeyId ?? ""}
        empty={t("noKeys")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen || working} onClick={() => void toggle()}>
              {chosen?.Status === "Inactive" ? t("activate") : t("deactivate")}
            </Button>
            <Button disabled={!chosen || working} onClick={() => askDelete(true)}>
              {t("delete")}
            </Button>
            <Button loading={working} onClick={() => void create()}>
              {t("createKey")}
            </Button>
          </>
        }
        columns={[
          { id: "id", header: t("accessKeyId"), cell: ({ AccessKeyId }) => AccessKeyId, isRowHeader: true },
          {
            id: "status",
            header: t("status"),
            cell: ({ Status }) => (
              <StatusIndicator type={Status === "Active" ? "success" : "stopped"}>{Status === "Active" ? t("active") : t("inactive")}</StatusIndicator>
            ),
          },
          { id: "age", header: t("age"), cell: ({ CreateDate }) => <Age date={CreateDate} /> },
          { id: "used", header: t("lastUsed"), cell: ({ lastUsed }) => lastUsed },
        ]}
      />
      {deletes && id !== undefined && (
        <DeleteDialog
          what={id}
          onClose={() => askDelete(false)}
          onSubmit={async () => {
            await iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: id }));
            choose(undefined);
            keys.reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
