import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand,
  ListPolicyVersionsCommand,
  type PolicyVersion,
  SetDefaultPolicyVersionCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { type Call, useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { diffLines } from "../diff";
import { formatted, readable } from "../json";
import { lastName } from "../session";
import { t, when } from "../text";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { NewAccess } from "../ui/new_access";
import { done } from "../ui/notices";
import { Answer, Code, Copied, Facts, To } from "../ui/parts";
import { PolicyInWords } from "../ui/policy_findings";
import { PolicyText } from "../ui/policy_text";
import { told } from "../ui/problem";

async function documentOf(arn: string, version: string | undefined): Promise<string> {
  const answer = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: version }));
  return readable(answer.PolicyVersion?.Document);
}

function Editor({ arn, stored, onSaved }: { arn: string; stored: string; onSaved: () => void }) {
  const [text, setText] = useState(stored);
  const [isDefault, setDefault] = useState(true);
  const [error, setError] = useState<string>();
  const [working, setWorking] = useState(false);
  const save = async () => {
    setWorking(true);
    setError(undefined);
    try {
      const made = await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: text, SetAsDefault: isDefault }));
      done(t("created", { what: `${t("version")} ${made.PolicyVersion?.VersionId}` }));
      onSaved();
    } catch (problem) {
      setError(told(problem).message);
    } finally {
      setWorking(false);
    }
  };
  return (
    <SpaceBetween size="m">
      <PolicyText value={text} onChange={setText} error={error} before={stored} />
      {text !== stored && <Difference before={stored} after={formatted(text) ?? text} />}
      <Checkbox checked={isDefault} onChange={({ detail }) => setDefault(detail.checked)}>
        {t("makeDefault")}
      </Checkbox>
      <Button variant="primary" loading={working} disabled={text === stored} onClick={() => void save()}>
        {t("saveVersion")}
      </Button>
    </SpaceBetween>
  );
}

const SIGN = { same: "  ", added: "+ ", removed: "- " };

function Difference({ before, after }: { before: string; after: string }) {
  return (
    <pre className="code diff" tabIndex={0} role="region" aria-label={t("difference")}>
      {diffLines(before, after).map(({ kind, text }, index) => {
        const Line = kind === "added" ? "ins" : kind === "removed" ? "del" : "span";
        return <Line key={index}>{SIGN[kind] + text}</Line>;
      })}
    </pre>
  );
}

function Compare({ arn, versions }: { arn: string; versions: PolicyVersion[] }) {
  const ids = versions.map(({ VersionId }) => VersionId ?? "");
  const [before, setBefore] = useState(ids[1] ?? ids[0] ?? "");
  const [after, setAfter] = useState(ids[0] ?? "");
  const documents = useCall(`${arn} ${before} ${after}`, () => Promise.all([documentOf(arn, before), documentOf(arn, after)]));
  const choice = (label: string, value: string, onChange: (id: string) => void) => (
    <FormField label={label}>
      <Select
        selectedOption={{ value, label: value }}
        options={ids.map((id) => ({ value: id, label: id }))}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
        ariaLabel={label}
      />
    </FormField>
  );
  return (
    <Container header={<Header variant="h2">{t("compare")}</Header>}>
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="m">
          {choice(t("from"), before, setBefore)}
          {choice(t("to"), after, setAfter)}
        </SpaceBetween>
        <Answer call={documents}>{([one, other]) => <Difference before={one} after={other} />}</Answer>
      </SpaceBetween>
    </Container>
  );
}

// Asks before another version comes into force, and says what changes with it.
function PutInForce({ arn, version, onClose, onDone }: { arn: string; version: PolicyVersion; onClose: () => void; onDone: () => void }) {
  const documents = useCall(`put-in-force ${arn} ${version.VersionId}`, async () => {
    const found = (await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy;
    return Promise.all([documentOf(arn, found?.DefaultVersionId), documentOf(arn, version.VersionId)]);
  });
  return (
    <Dialog
      large
      title={`${t("makeDefault")}: ${lastName(arn)} ${version.VersionId}`}
      submit={t("makeDefault")}
      success={t("saved", { what: lastName(arn) })}
      onClose={onClose}
      onSubmit={async () => {
        await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: version.VersionId }));
        onDone();
      }}
    >
      <Answer call={documents}>
        {([before, after]) => (
          <SpaceBetween size="m">
            <NewAccess before={before} after={after} type="IDENTITY_POLICY" />
            <Difference before={before} after={after} />
          </SpaceBetween>
        )}
      </Answer>
    </Dialog>
  );
}

function Versions({ arn, owned, onChange }: { arn: string; owned: boolean; onChange: () => void }) {
  const versions = usePaged<PolicyVersion>(arn, async (Marker) => {
    const answer = await iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn, Marker }));
    return { items: answer.Versions ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<PolicyVersion>();
  const [deletes, askDelete] = useState(false);
  const [puts, askPut] = useState(false);
  const changed = () => {
    choose(undefined);
    versions.reload();
    onChange();
  };
  const isFixed = !chosen || chosen.IsDefaultVersion === true || !owned;
  return (
    <SpaceBetween size="l">
      <Listing
        level="h2"
        title={t("versions")}
        paged={versions}
        id={({ VersionId }) => VersionId ?? ""}
        empty={t("noMatch")}
        selected={chosen}
        onSelect={owned ? choose : undefined}
        actions={
          owned && (
            <>
              <Button disabled={isFixed} onClick={() => askDelete(true)}>
                {t("delete")}
              </Button>
              <Button disabled={isFixed} onClick={() => askPut(true)}>
                {t("makeDefault")}
              </Button>
            </>
          )
        }
        columns={[
          { id: "id", header: t("version"), cell: ({ VersionId }) => VersionId, isRowHeader: true },
          {
            id: "default",
            header: t("status"),
            cell: ({ IsDefaultVersion }) => (IsDefaultVersion ? <StatusIndicator type="success">{t("inForce")}</StatusIndicator> : "-"),
          },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {versions.items.length > 1 && <Compare key={versions.items.length} arn={arn} versions={versions.items} />}
      {puts && chosen && <PutInForce arn={arn} version={chosen} onClose={() => askPut(false)} onDone={changed} />}
      {deletes && chosen && (
        <DeleteDialog
          what={`${lastName(arn)} ${chosen.VersionId}`}
          onClose={() => askDelete(false)}
          onSubmit={async () => {
            await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: chosen.VersionId }));
            changed();
          }}
        />
      )}
    </SpaceBetween>
  );
}

interface Holder {
  kind: "users" | "groups" | "roles";
  name: string;
}

function Holders({ arn }: { arn: string }) {
  const holders = usePaged<Holder>(arn, async (Marker) => {
    const answer = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: arn, Marker }));
    const items: Holder[] = [
      ...(answer.PolicyUsers ?? []).map(({ UserName }) => ({ kind: "users" as const, name: UserName ?? "" })),
      ...(answer.PolicyGroups ?? []).map(({ GroupName }) => ({ kind: "groups" as const, name: GroupName ?? "" })),
      ...(answer.PolicyRoles ?? []).map(({ RoleName }) => ({ kind: "roles" as const, name: RoleName ?? "" })),
    ];
    return { items, next: answer.IsTruncated ? answer.Marker : undefined };
  });
  return (
    <Listing
      level="h2"
      title={t("attachments")}
      paged={holders}
      id={({ kind, name }) => `${kind} ${name}`}
      text={({ name }) => name}
      empty={t("attachedNowhere")}
      columns={[
        { id: "name", header: t("name"), cell: ({ kind, name }) => <To path={[kind, name]}>{name}</To>, isRowHeader: true },
        { id: "kind", header: t("kind"), cell: ({ kind }) => t(kind) },
      ]}
    />
  );
}

export default function PolicyDetail({ arn }: { arn: string }) {
  const owned = !arn.includes(":iam::aws:");
  const policy = useCall(`policy-${arn}`, async () => {
    const found = (await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy;
    return { policy: found, document: await documentOf(arn, found?.DefaultVersionId) };
  });
  const text: Call<string> = { ...policy, data: policy.data?.document };
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={policy.data?.policy?.Description}>
        {lastName(arn)}
      </Header>
      <Answer call={text}>
        {(document) => (
          <SpaceBetween size="l">
            <Container>
              <Facts
                columns={2}
                items={[
                  { label: "ARN", value: <Copied text={arn} /> },
                  { label: t("version"), value: policy.data?.policy?.DefaultVersionId ?? "-" },
                  { label: t("changedAt"), value: when(policy.data?.policy?.UpdateDate) },
                ]}
              />
            </Container>
            <Tabs
              ariaLabel={lastName(arn)}
              tabs={[
                {
                  id: "document",
                  label: t("policyDocument"),
                  content: owned ? (
                    <Container>
                      <Editor key={document} arn={arn} stored={document} onSaved={policy.reload} />
                    </Container>
                  ) : (
                    <Code label={t("policyDocument")}>{document}</Code>
                  ),
                },
                {
                  id: "words",
                  label: t("inWords"),
                  content: (
                    <Container>
                      <PolicyInWords document={document} type="IDENTITY_POLICY" />
                    </Container>
                  ),
                },
                { id: "versions", label: t("versions"), content: <Versions arn={arn} owned={owned} onChange={policy.reload} /> },
                { id: "holders", label: t("attachments"), content: <Holders arn={arn} /> },
              ]}
            />
          </SpaceBetween>
        )}
      </Answer>
    </SpaceBetween>
  );
}
