import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";
import { type Page, useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { readable } from "../json";
import { t } from "../text";
import { DeleteDialog, Dialog } from "./dialog";
import { Listing } from "./listing";
import { done, failed } from "./notices";
import { To } from "./parts";
import { PolicyText } from "./policy_text";
import { told } from "./problem";

export interface Owner {
  kind: "user" | "group" | "role";
  name: string;
}

interface Attached {
  PolicyName?: string;
  PolicyArn?: string;
}

const marked = <T,>(items: T[] | undefined, answer: { IsTruncated?: boolean; Marker?: string }): Page<T> => ({
  items: items ?? [],
  next: answer.IsTruncated ? answer.Marker : undefined,
});

// The calls of the three kinds of owner, which differ in names alone.
function calls({ kind, name }: Owner) {
  const UserName = name;
  const GroupName = name;
  const RoleName = name;
  switch (kind) {
    case "user":
      return {
        attached: async (Marker?: string) => {
          const answer = await iam.send(new ListAttachedUserPoliciesCommand({ UserName, Marker }));
          return marked(answer.AttachedPolicies, answer);
        },
        inline: async (Marker?: string) => {
          const answer = await iam.send(new ListUserPoliciesCommand({ UserName, Marker }));
          return marked(answer.PolicyNames, answer);
        },
        attach: (PolicyArn: string) => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
        detach: (PolicyArn: string) => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
        get: async (PolicyName: string) => (await iam.send(new GetUserPolicyCommand({ UserName, PolicyName }))).PolicyDocument,
        put: (PolicyName: string, PolicyDocument: string) => iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
        remove: (PolicyName: string) => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
      };
    case "group":
      return {
        attached: async (Marker?: string) => {
          const answer = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, Marker }));
          return marked(answer.AttachedPolicies, answer);
        },
        inline: async (Marker?: string) => {
          const answer = await iam.send(new ListGroupPoliciesCommand({ GroupName, Marker }));
          return marked(answer.PolicyNames, answer);
        },
        attach: (PolicyArn: string) => iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn })),
        detach: (PolicyArn: string) => iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn })),
        get: async (PolicyName: string) => (await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }))).PolicyDocument,
        put: (PolicyName: string, PolicyDocument: string) => iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
        remove: (PolicyName: string) => iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName })),
      };
    case "role":
      return {
        attached: async (Marker?: string) => {
          const answer = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker }));
          return marked(answer.AttachedPolicies, answer);
        },
        inline: async (Marker?: string) => {
          const answer = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker }));
          return marked(answer.PolicyNames, answer);
        },
        attach: (PolicyArn: string) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
        detach: (PolicyArn: string) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
        get: async (PolicyName: string) => (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument,
        put: (PolicyName: string, PolicyDocument: string) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
        remove: (PolicyName: string) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
      };
  }
}

// Managed policies by name, to choose one; what is typed may be an ARN.
export function PolicyChoice({ value, onChange }: { value: string; onChange: (arn: string) => void }) {
  const policies = useCall("all-policies", async () => {
    const found: Attached[] = [];
    let Marker: string | undefined;
    do {
      const answer = await iam.send(new ListPoliciesCommand({ MaxItems: 1000, Marker }));
      found.push(...(answer.Policies ?? []).map(({ PolicyName, Arn }) => ({ PolicyName, PolicyArn: Arn })));
      Marker = answer.IsTruncated ? answer.Marker : undefined;
    } while (Marker);
    return found;
  });
  return (
    <FormField label={t("managedPolicy")} description={t("managedPolicyText")} errorText={policies.error ? told(policies.error).message : undefined}>
      <Autosuggest
        value={value}
        onChange={({ detail }) => onChange(detail.value)}
        options={(policies.data ?? []).map(({ PolicyName, PolicyArn }) => ({ value: PolicyArn ?? "", label: PolicyName, description: PolicyArn }))}
        enteredTextLabel={(text) => t("use", { text })}
        statusType={policies.loading ? "loading" : "finished"}
        loadingText={t("loading")}
        empty={t("noMatch")}
        placeholder="arn:aws:iam::aws:policy/ReadOnlyAccess"
        ariaLabel={t("managedPolicy")}
        virtualScroll
      />
    </FormField>
  );
}

function AttachDialog({ attach, onClose, reload }: { attach: (arn: string) => Promise<unknown>; onClose: () => void; reload: () => void }) {
  const [arn, setArn] = useState("");
  return (
    <Dialog
      title={t("attachPolicy")}
      submit={t("attach")}
      onClose={onClose}
      disabled={!arn}
      success={t("attached", { what: arn })}
      onSubmit={async () => {
        await attach(arn);
        reload();
      }}
    >
      <PolicyChoice value={arn} onChange={setArn} />
    </Dialog>
  );
}

const NEW_POLICY = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }] }, null, 2);

function InlineDialog({ api, name, onClose, reload }: { api: ReturnType<typeof calls>; name: string | undefined; onClose: () => void; reload: () => void }) {
  const [title, setTitle] = useState(name ?? "");
  const [text, setText] = useState(name ? undefined : NEW_POLICY);
  const stored = useCall(`inline-${name}`, async () => (name ? readable(await api.get(name)) : undefined));
  useEffect(() => {
    if (stored.data !== undefined) setText(stored.data);
  }, [stored.data]);
  return (
    <Dialog
      large
      title={name ?? t("newInlinePolicy")}
      submit={t("save")}
      onClose={onClose}
      disabled={!title || text === undefined}
      success={t("saved", { what: title })}
      onSubmit={async () => {
        if (stored.error) throw stored.error;
        await api.put(title, text ?? "");
        reload();
      }}
    >
      <FormField label={t("policyName")}>
        <Input value={title} disabled={name !== undefined} onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <PolicyText value={text ?? (stored.error ? told(stored.error).message : t("loading"))} onChange={setText} before={stored.data} />
    </Dialog>
  );
}

// The policies of a user, group or role: those attached, and its own.
export function OwnerPolicies({ owner }: { owner: Owner }) {
  const api = calls(owner);
  const key = `${owner.kind}/${owner.name}`;
  const attached = usePaged<Attached>(key, api.attached);
  const inline = usePaged<string>(key, api.inline);
  const [chosen, choose] = useState<Attached>();
  const [own, chooseOwn] = useState<string>();
  const [dialog, open] = useState<"attach" | "new" | "edit" | "delete">();
  const close = () => open(undefined);
  const detach = async () => {
    if (!chosen?.PolicyArn) return;
    try {
      await api.detach(chosen.PolicyArn);
      done(t("detached", { what: chosen.PolicyName ?? "" }));
      choose(undefined);
      attached.reload();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <SpaceBetween size="l">
      <Listing
        level="h2"
        title={t("attachedPolicies")}
        paged={attached}
        id={({ PolicyArn }) => PolicyArn ?? ""}
        empty={t("nothingAttached")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => void detach()}>
              {t("detach")}
            </Button>
            <Button onClick={() => open("attach")}>{t("attachPolicy")}</Button>
          </>
        }
        columns={[
          {
            id: "name",
            header: t("policyName"),
            cell: ({ PolicyName, PolicyArn }) => <To path={["policies", PolicyArn ?? ""]}>{PolicyName}</To>,
            isRowHeader: true,
          },
          { id: "arn", header: "ARN", cell: ({ PolicyArn }) => PolicyArn },
        ]}
      />
      <Listing
        level="h2"
        title={t("inlinePolicies")}
        paged={inline}
        id={(name) => name}
        empty={t("noInlinePolicies")}
        selected={own}
        onSelect={chooseOwn}
        actions={
          <>
            <Button disabled={!own} onClick={() => open("delete")}>
              {t("delete")}
            </Button>
            <Button disabled={!own} onClick={() => open("edit")}>
              {t("edit")}
            </Button>
            <Button onClick={() => open("new")}>{t("newInlinePolicy")}</Button>
          </>
        }
        columns={[{ id: "name", header: t("policyName"), cell: (name) => name, isRowHeader: true }]}
      />
      {dialog === "attach" && <AttachDialog attach={api.attach} onClose={close} reload={attached.reload} />}
      {dialog === "new" && <InlineDialog api={api} name={undefined} onClose={close} reload={inline.reload} />}
      {dialog === "edit" && <InlineDialog api={api} name={own} onClose={close} reload={inline.reload} />}
      {dialog === "delete" && own !== undefined && (
        <DeleteDialog
          what={own}
          onClose={close}
          onSubmit={async () => {
            await api.remove(own);
            chooseOwn(undefined);
            inline.reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
