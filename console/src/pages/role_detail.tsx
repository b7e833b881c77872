import { GetRoleCommand, type Role, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useCall } from "../calls";
import { iam } from "../clients";
import { readable } from "../json";
import { link } from "../router";
import { here, useSession } from "../session";
import { iamCall } from "../signed";
import { t, when } from "../text";
import { OwnerPolicies } from "../ui/attached";
import { Dialog } from "../ui/dialog";
import { done } from "../ui/notices";
import { Answer, Copied, Facts } from "../ui/parts";
import { PolicyText } from "../ui/policy_text";
import { told } from "../ui/problem";
import { SigninDuration, signinChange, signinHours } from "../ui/signin_duration";

function TrustPolicy({ role, reload }: { role: Role; reload: () => void }) {
  const stored = readable(role.AssumeRolePolicyDocument);
  const [text, setText] = useState(stored);
  const [error, setError] = useState<string>();
  const [working, setWorking] = useState(false);
  const save = async () => {
    setWorking(true);
    setError(undefined);
    try {
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.RoleName, PolicyDocument: text }));
      done(t("saved", { what: t("trustPolicy") }));
      reload();
    } catch (problem) {
      setError(told(problem).message);
    } finally {
      setWorking(false);
    }
  };
  return (
    <Container header={<Header variant="h2" description={t("trustPolicyText")}>{t("trustPolicy")}</Header>}>
      <SpaceBetween size="m">
        <PolicyText type="TRUST_POLICY" label={t("trustPolicy")} value={text} onChange={setText} error={error} before={stored} />
        <Button variant="primary" loading={working} disabled={text === stored} onClick={() => void save()}>
          {t("save")}
        </Button>
      </SpaceBetween>
    </Container>
  );
}

// A role, with the one member that the bundle's client does not know yet.
type Found = Role & { signinSeconds?: number };

async function find(name: string): Promise<Found | undefined> {
  const [{ Role: role }, newer] = await Promise.all([iam.send(new GetRoleCommand({ RoleName: name })), iamCall("GetRole", { RoleName: name })]);
  const seconds = newer("MaxSigninSessionDuration");
  return role && { ...role, signinSeconds: seconds === undefined ? undefined : Number(seconds) };
}

function EditDialog({ role, onClose, reload }: { role: Found; onClose: () => void; reload: () => void }) {
  const [description, setDescription] = useState(role.Description ?? "");
  const [hours, setHours] = useState(String((role.MaxSessionDuration ?? 3600) / 3600));
  const [signin, setSignin] = useState(signinHours(role.signinSeconds));
  return (
    <Dialog
      title={t("edit")}
      submit={t("save")}
      onClose={onClose}
      success={t("saved", { what: role.RoleName ?? "" })}
      onSubmit={async () => {
        // In one call: UpdateRole puts MaxSessionDuration back to an hour where it is not named.
        await iamCall("UpdateRole", {
          RoleName: role.RoleName ?? "",
          Description: description,
          MaxSessionDuration: Math.round(Number(hours) * 3600),
          ...signinChange(signin, role.signinSeconds),
        });
        reload();
      }}
    >
      <FormField label={t("description")}>
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <FormField label={t("maxSession")} constraintText={t("maxSessionText")}>
        <Input type="number" inputMode="decimal" step={0.25} value={hours} onChange={({ detail }) => setHours(detail.value)} />
      </FormField>
      <SigninDuration value={signin} onChange={setSignin} unset={t("maxSigninText")} />
    </Dialog>
  );
}

export default function RoleDetail({ name }: { name: string }) {
  const role = useCall(`role-${name}`, () => find(name));
  const [edits, edit] = useState(false);
  const { account, canSwitchRole } = useSession();
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {canSwitchRole && (
              <Button href={here(`/switchrole?${new URLSearchParams({ account, roleName: name }).toString()}`)} disabled={!role.data}>
                {t("switchToRole")}
              </Button>
            )}
            <Button href={link(["federation"], { role: role.data?.Arn ?? "" })} disabled={!role.data}>
              {t("federation")}
            </Button>
            <Button disabled={!role.data} onClick={() => edit(true)}>
              {t("edit")}
            </Button>
          </SpaceBetween>
        }
      >
        {name}
      </Header>
      <Answer call={role}>
        {(found) =>
          found && (
            <SpaceBetween size="l">
              <Container>
                <Facts
                  columns={2}
                  items={[
                    { label: "ARN", value: <Copied text={found.Arn ?? ""} /> },
                    { label: t("description"), value: found.Description || "-" },
                    { label: t("maxSession"), value: t("hours", { hours: (found.MaxSessionDuration ?? 3600) / 3600 }) },
                    { label: t("maxSignin"), value: found.signinSeconds === undefined ? t("maxSigninUnset") : t("hours", { hours: found.signinSeconds / 3600 }) },
                    { label: t("createdAt"), value: when(found.CreateDate) },
                    { label: t("lastUsed"), value: found.RoleLastUsed?.LastUsedDate ? when(found.RoleLastUsed.LastUsedDate) : t("never") },
                    { label: t("boundary"), value: found.PermissionsBoundary?.PermissionsBoundaryArn ?? "-" },
                  ]}
                />
              </Container>
              <Tabs
                ariaLabel={name}
                tabs={[
                  { id: "policies", label: t("permissions"), content: <OwnerPolicies owner={{ kind: "role", name }} /> },
                  { id: "trust", label: t("trustPolicy"), content: <TrustPolicy key={found.AssumeRolePolicyDocument} role={found} reload={role.reload} /> },
                ]}
              />
              {edits && <EditDialog role={found} onClose={() => edit(false)} reload={role.reload} />}
            </SpaceBetween>
          )
        }
      </Answer>
    </SpaceBetween>
  );
}
