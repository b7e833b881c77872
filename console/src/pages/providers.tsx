import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteSAMLProviderCommand,
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  type SAMLProviderListEntry,
} from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { usePaged } from "../calls";
import { iam } from "../clients";
import { t, when } from "../text";
import { Dialog } from "../ui/dialog";
import { Collection } from "../ui/collection";
import { Copied } from "../ui/parts";

interface Oidc {
  arn: string;
  url?: string;
  clients?: string[];
  created?: Date;
}

// What a list leaves out. Without permission to look, the ARN is what there is to see.
async function describe(arn: string): Promise<Oidc> {
  try {
    const found = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return { arn, url: found.Url, clients: found.ClientIDList, created: found.CreateDate };
  } catch {
    return { arn };
  }
}

function AddOidc({ onClose, reload }: { onClose: () => void; reload: () => void }) {
  const [url, setUrl] = useState("https://");
  const [client, setClient] = useState("");
  return (
    <Dialog
      title={t("addOidc")}
      submit={t("add")}
      onClose={onClose}
      disabled={!/^https:\/\/.+/.test(url)}
      success={t("created", { what: url })}
      onSubmit={async () => {
        await iam.send(new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: client ? [client] : undefined }));
        reload();
      }}
    >
      <FormField label={t("issuerUrl")} constraintText="https://idp.example.com">
        <Input value={url} autoFocus onChange={({ detail }) => setUrl(detail.value.trim())} />
      </FormField>
      <FormField label={t("audience")}>
        <Input value={client} onChange={({ detail }) => setClient(detail.value.trim())} />
      </FormField>
    </Dialog>
  );
}

export default function Providers() {
  const oidc = usePaged<Oidc>("oidc", async () => {
    const answer = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    return { items: await Promise.all((answer.OpenIDConnectProviderList ?? []).map(({ Arn }) => describe(Arn ?? ""))) };
  });
  const saml = usePaged<SAMLProviderListEntry>("saml", async () => {
    const answer = await iam.send(new ListSAMLProvidersCommand({}));
    return { items: answer.SAMLProviderList ?? [] };
  });
  const [adds, askAdd] = useState(false);
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
        onCreate={() => askAdd(true)}
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
        id={({ Arn }) => Arn ?? ""}
        name={({ Arn }) => Arn ?? ""}
        empty={t("noProviders")}
        remove={({ Arn }) => iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: Arn }))}
        columns={[
          { id: "arn", header: "ARN", cell: ({ Arn }) => <Copied text={Arn ?? ""} />, isRowHeader: true },
          { id: "until", header: t("validUntil"), cell: ({ ValidUntil }) => when(ValidUntil) },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {adds && <AddOidc onClose={() => askAdd(false)} reload={oidc.reload} />}
    </SpaceBetween>
  );
}
