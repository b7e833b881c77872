import {
  CreateSAMLProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteSAMLProviderCommand,
  GetOpenIDConnectProviderCommand,
  GetSAMLProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  UpdateSAMLProviderCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { lazy, Suspense, useRef, useState } from "react";
import { usePaged } from "../calls";
import { certificateExpiries } from "../certificate";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { lastName } from "../session";
import { t, when } from "../text";
import { Collection } from "../ui/collection";
import { Dialog } from "../ui/dialog";
import { Copied, Waiting } from "../ui/parts";

const OidcWizard = lazy(() => import("./oidc_wizard"));

interface Oidc {
  arn: string;
  clients?: string[];
  created?: Date;
}

// What a list leaves out. Without permission to look, the ARN is what there is to see.
async function describeOidc(arn: string): Promise<Oidc> {
  try {
    const found = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return { arn, clients: found.ClientIDList, created: found.CreateDate };
  } catch {
    return { arn };
  }
}

interface Saml {
  arn: string;
  created?: Date;
  validUntil?: Date; // of the metadata
  certificates?: Date[];
}

async function describeSaml(entry: Saml): Promise<Saml> {
  try {
    const found = await iam.send(new GetSAMLProviderCommand({ SAMLProviderArn: entry.arn }));
    return { ...entry, certificates: certificateExpiries(found.SAMLMetadataDocument ?? "") };
  } catch {
    return entry;
  }
}

// Metadata from a file, or as text.
function Metadata({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <FormField label={t("metadata")} description={t("metadataText")} stretch>
        <Textarea value={value} rows={8} spellcheck={false} ariaLabel={t("metadata")} onChange={({ detail }) => onChange(detail.value)} />
      </FormField>
      <Button formAction="none" iconName="upload" onClick={() => picker.current?.click()}>
        {t("chooseFile")}
      </Button>
      <input
        ref={picker}
        type="file"
        accept=".xml,text/xml,application/xml"
        hidden
        aria-label={t("chooseFile")}
        onChange={({ target }) => void target.files?.[0]?.text().then(onChange)}
      />
    </>
  );
}

// A new provider, or new metadata of one that is there.
function SamlDialog({ arn, onClose, reload }: { arn?: string; onClose: () => void; reload: () => void }) {
  const [name, setName] = useState("");
  const [metadata, setMetadata] = useState("");
  const what = arn === undefined ? name : lastName(arn);
  return (
    <Dialog
      large
      title={arn === undefined ? t("addSaml") : t("newMetadata", { what })}
      submit={arn === undefined ? t("add") : t("save")}
      onClose={onClose}
      disabled={!what || !metadata.trim()}
      success={arn === undefined ? t("created", { what }) : t("saved", { what })}
      onSubmit={async () => {
        await (arn === undefined
          ? iam.send(new CreateSAMLProviderCommand({ Name: name, SAMLMetadataDocument: metadata }))
          : iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn: arn, SAMLMetadataDocument: metadata })));
        reload();
      }}
    >
      {arn === undefined && (
        <FormField label={t("name")} constraintText={t("providerNameText")}>
          <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value.trim())} />
        </FormField>
      )}
      <Metadata value={metadata} onChange={setMetadata} />
    </Dialog>
  );
}

const SOON_DAYS = 30;

// When the first certificate ends, and whether that is soon.
function Expiry({ certificates }: { certificates?: Date[] }) {
  const first = certificates?.reduce<Date | undefined>((least, date) => (least && least < date ? least : date), undefined);
  if (!first) return <>-</>;
  const days = (first.getTime() - Date.now()) / 86_400_000;
  return <StatusIndicator type={days < 0 ? "error" : days < SOON_DAYS ? "warning" : "success"}>{when(first)}</StatusIndicator>;
}

function ProviderList() {
  const oidc = usePaged<Oidc>("oidc", async () => {
    const answer = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    return { items: await Promise.all((answer.OpenIDConnectProviderList ?? []).map(({ Arn }) => describeOidc(Arn ?? ""))) };
  });
  const saml = usePaged<Saml>("saml", async () => {
    const answer = await iam.send(new ListSAMLProvidersCommand({}));
    const entries = answer.SAMLProviderList ?? [];
    return { items: await Promise.all(entries.map(({ Arn, CreateDate, ValidUntil }) => describeSaml({ arn: Arn ?? "", created: CreateDate, validUntil: ValidUntil }))) };
  });
  const [dialog, open] = useState<{ arn?: string }>();
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("providersText")}>
        {t("providers")}
      </Header>
      <Collection
        level="h2"
        title="OpenID Connect"
        paged={oidc}
        id={({ arn }) => arn}
        name={({ arn }) => arn}
        empty={t("noProviders")}
        create={t("addOidc")}
        onCreate={() => go(["providers"], { new: "oidc" })}
        remove={({ arn }) => iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }))}
        columns={[
          { id: "arn", header: "ARN", cell: ({ arn }) => <Copied text={arn} />, isRowHeader: true },
          { id: "clients", header: t("audience"), cell: ({ clients }) => clients?.join(", ") || "-" },
          { id: "created", header: t("createdAt"), cell: ({ created }) => when(created) },
        ]}
      />
      <Collection
        level="h2"
        title="SAML"
        paged={saml}
        id={({ arn }) => arn}
        name={({ arn }) => arn}
        empty={t("noProviders")}
        create={t("addSaml")}
        onCreate={() => open({})}
        remove={({ arn }) => iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: arn }))}
        columns={[
          { id: "arn", header: "ARN", cell: ({ arn }) => <Copied text={arn} />, isRowHeader: true },
          { id: "certificate", header: t("certificateUntil"), cell: ({ certificates }) => <Expiry certificates={certificates} /> },
          { id: "until", header: t("metadataUntil"), cell: ({ validUntil }) => when(validUntil) },
          { id: "created", header: t("createdAt"), cell: ({ created }) => when(created) },
          {
            id: "change",
            header: t("metadata"),
            cell: ({ arn }) => (
              <Button variant="inline-link" ariaLabel={`${t("replace")}: ${lastName(arn)}`} onClick={() => open({ arn })}>
                {t("replace")}
              </Button>
            ),
          },
        ]}
      />
      {dialog && <SamlDialog arn={dialog.arn} onClose={() => open(undefined)} reload={saml.reload} />}
    </SpaceBetween>
  );
}

export default function Providers() {
  if (usePlace().params.get("new") !== "oidc") return <ProviderList />;
  return (
    <Suspense fallback={<Waiting />}>
      <OidcWizard />
    </Suspense>
  );
}
