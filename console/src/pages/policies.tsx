import { CreatePolicyCommand, DeletePolicyCommand, ListPoliciesCommand, type Policy, type PolicyScopeType } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";
import { pageSize, usePaged } from "../calls";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { Dialog } from "../ui/dialog";
import { Collection } from "../ui/collection";
import { To, Waiting } from "../ui/parts";
import { PolicyText } from "../ui/policy_text";

const PolicyDetail = lazy(() => import("./policy_detail"));

const NEW_POLICY = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }] }, null, 2);

function CreatePolicy({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState(NEW_POLICY);
  return (
    <Dialog
      large
      title={t("createPolicy")}
      submit={t("create")}
      onClose={onClose}
      disabled={!name}
      success={t("created", { what: name })}
      onSubmit={async () => {
        const made = await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text }));
        go(["policies", made.Policy?.Arn ?? ""]);
      }}
    >
      <FormField label={t("policyName")} constraintText={t("nameText")}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <PolicyText value={text} onChange={setText} />
    </Dialog>
  );
}

function PolicyList() {
  const [scope, setScope] = useState<PolicyScopeType>("Local");
  const policies = usePaged<Policy>(`policies-${scope}`, async (Marker) => {
    const answer = await iam.send(new ListPoliciesCommand({ Scope: scope, Marker, MaxItems: pageSize(Marker) }));
    return { items: answer.Policies ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [creates, askCreate] = useState(false);
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={t("scope")}
        selectedId={scope}
        onChange={({ detail }) => setScope(detail.selectedId as PolicyScopeType)}
        options={[
          { id: "Local", text: t("scopeOwn") },
          { id: "AWS", text: t("scopeManaged") },
        ]}
      />
      <Collection
        key={scope}
        title={t("policies")}
        description={t("policiesText")}
        paged={policies}
        id={({ Arn }) => Arn ?? ""}
        name={({ PolicyName }) => PolicyName ?? ""}
        empty={t("noPolicies")}
        create={t("createPolicy")}
        onCreate={() => askCreate(true)}
        note={t("deletePolicyNote")}
        remove={scope === "AWS" ? undefined : ({ Arn }) => iam.send(new DeletePolicyCommand({ PolicyArn: Arn }))}
        columns={[
          { id: "name", header: t("policyName"), cell: ({ PolicyName, Arn }) => <To path={["policies", Arn ?? ""]}>{PolicyName}</To>, isRowHeader: true },
          { id: "attached", header: t("attachments"), cell: ({ AttachmentCount }) => AttachmentCount ?? 0 },
          { id: "version", header: t("version"), cell: ({ DefaultVersionId }) => DefaultVersionId },
          { id: "changed", header: t("changedAt"), cell: ({ UpdateDate }) => when(UpdateDate) },
        ]}
      />
      {creates && <CreatePolicy onClose={() => askCreate(false)} />}
    </SpaceBetween>
  );
}

export default function Policies() {
  const arn = usePlace().path[1];
  if (arn === undefined) return <PolicyList />;
  return (
    <Suspense fallback={<Waiting />}>
      <PolicyDetail key={arn} arn={arn} />
    </Suspense>
  );
}
