import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { type Session, useSession } from "../session";
import { t } from "../text";
import { PolicyChoice } from "../ui/attached";
import { done, failed } from "../ui/notices";
import { Code, Facts } from "../ui/parts";
import { PolicyText } from "../ui/policy_text";
import { Problem } from "../ui/problem";

type Who = "account" | "me" | "service" | "oidc" | "own";

interface Trust {
  who: Who;
  account: string;
  externalId: string;
  mfa: boolean;
  service: string;
  provider: string;
  audience: string;
  document: string;
}

// Who signed in, as a policy names them: sessions of a role by the role.
function meAsPrincipal(session: Session): string {
  const role = /^arn:(aws[a-z-]*):sts::(\d+):assumed-role\/([^/]+)\//.exec(session.arn);
  return role ? `arn:${role[1]}:iam::${role[2]}:role/${role[3]}` : session.arn;
}

// The trust policy of what was filled in.
function trustPolicy(trust: Trust, session: Session): string {
  if (trust.who === "own") return trust.document;
  const equals: Record<string, string> = {};
  const condition: Record<string, Record<string, string>> = {};
  let principal: Record<string, string>;
  let action = "sts:AssumeRole";
  if (trust.who === "service") {
    principal = { Service: trust.service };
  } else if (trust.who === "oidc") {
    const issuer = trust.provider.replace(/^.*oidc-provider\//, "");
    principal = { Federated: trust.provider };
    action = "sts:AssumeRoleWithWebIdentity";
    if (trust.audience) equals[`${issuer}:aud`] = trust.audience;
  } else {
    principal = { AWS: trust.who === "me" ? meAsPrincipal(session) : `arn:aws:iam::${trust.account}:root` };
    if (trust.externalId) equals["sts:ExternalId"] = trust.externalId;
    if (trust.mfa) condition.Bool = { "aws:MultiFactorAuthPresent": "true" };
  }
  if (Object.keys(equals).length > 0) condition.StringEquals = equals;
  const statement = { Effect: "Allow", Principal: principal, Action: action, ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}) };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}

function isFilledIn(trust: Trust): boolean {
  switch (trust.who) {
    case "account":
      return /^\d{12}$/.test(trust.account);
    case "service":
      return trust.service !== "";
    case "oidc":
      return trust.provider !== "";
    case "own":
      return trust.document !== "";
    case "me":
      return true;
  }
}

function TrustStep({ trust, change, document }: { trust: Trust; change: (part: Partial<Trust>) => void; document: string }) {
  return (
    <ColumnLayout columns={2}>
      <SpaceBetween size="m">
        <FormField label={t("whoMayAssume")}>
          <RadioGroup
            value={trust.who}
            onChange={({ detail }) => change({ who: detail.value as Who, ...(detail.value === "own" ? { document } : {}) })}
            items={[
              { value: "me", label: t("trustMe") },
              { value: "account", label: t("trustAccount"), description: t("trustAccountText") },
              { value: "service", label: t("trustService") },
              { value: "oidc", label: t("trustOidc") },
              { value: "own", label: t("trustOwn") },
            ]}
          />
        </FormField>
        {trust.who === "account" && (
          <FormField label={t("accountId")} constraintText={t("accountIdText")}>
            <Input value={trust.account} inputMode="numeric" onChange={({ detail }) => change({ account: detail.value.trim() })} />
          </FormField>
        )}
        {(trust.who === "account" || trust.who === "me") && (
          <>
            <FormField label={t("externalId")} description={t("externalIdText")}>
              <Input value={trust.externalId} onChange={({ detail }) => change({ externalId: detail.value })} />
            </FormField>
            <Checkbox checked={trust.mfa} onChange={({ detail }) => change({ mfa: detail.checked })}>
              {t("requireMfa")}
            </Checkbox>
          </>
        )}
        {trust.who === "service" && (
          <FormField label={t("trustService")}>
            <Input value={trust.service} placeholder="ec2.amazonaws.com" onChange={({ detail }) => change({ service: detail.value.trim() })} />
          </FormField>
        )}
        {trust.who === "oidc" && (
          <>
            <FormField label={t("providerArn")}>
              <Input
                value={trust.provider}
                placeholder="arn:aws:iam::123456789012:oidc-provider/idp.example.com"
                onChange={({ detail }) => change({ provider: detail.value.trim() })}
              />
            </FormField>
            <FormField label={t("audience")}>
              <Input value={trust.audience} onChange={({ detail }) => change({ audience: detail.value.trim() })} />
            </FormField>
          </>
        )}
      </SpaceBetween>
      {trust.who === "own" ? (
        <PolicyText type="TRUST_POLICY" label={t("trustPolicy")} value={trust.document} onChange={(text) => change({ document: text })} />
      ) : (
        <SpaceBetween size="xs">
          <Box variant="awsui-key-label">{t("trustPolicy")}</Box>
          <Code label={t("trustPolicy")}>{document}</Code>
        </SpaceBetween>
      )}
    </ColumnLayout>
  );
}

export default function RoleWizard() {
  const session = useSession();
  const { params } = usePlace();
  const provider = params.get("provider") ?? "";
  const [step, setStep] = useState(0);
  const [trust, setTrust] = useState<Trust>({
    who: provider ? "oidc" : "me",
    account: session.account,
    externalId: "",
    mfa: false,
    service: "",
    provider,
    audience: params.get("audience") ?? "",
    document: "",
  });
  const [policy, setPolicy] = useState("");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<unknown>();
  const [hint, setHint] = useState<string>();
  const document = trustPolicy(trust, session);

  const create = async () => {
    if (!name) {
      setHint(t("nameNeeded"));
      return;
    }
    setWorking(true);
    setError(undefined);
    try {
      await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document, Description: description || undefined }));
    } catch (problem) {
      setError(problem);
      setWorking(false);
      return;
    }
    done(t("created", { what: name }));
    // The role is there: what fails from here on is told on its own page.
    if (policy) await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: policy })).catch(failed);
    go(["roles", name]);
  };
  const turn = (to: number) => {
    const isForward = to > step;
    if (isForward && step === 0 && !isFilledIn(trust)) {
      setHint(t("trustNeeded"));
      return;
    }
    setHint(undefined);
    setStep(to);
  };
  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => turn(detail.requestedStepIndex)}
      onCancel={() => go(["roles"])}
      onSubmit={() => void create()}
      isLoadingNextStep={working}
      submitButtonText={t("createRole")}
      i18nStrings={{
        stepNumberLabel: (number) => t("step", { number }),
        collapsedStepsLabel: (number, count) => t("stepOf", { number, count }),
        cancelButton: t("cancel"),
        previousButton: t("previous"),
        nextButton: t("next"),
        navigationAriaLabel: t("steps"),
      }}
      steps={[
        {
          title: t("wizardTrust"),
          description: t("trustPolicyText"),
          errorText: hint,
          content: (
            <Container>
              <TrustStep trust={trust} change={(part) => setTrust({ ...trust, ...part })} document={document} />
            </Container>
          ),
        },
        {
          title: t("wizardPermissions"),
          isOptional: true,
          content: (
            <Container>
              <PolicyChoice value={policy} onChange={setPolicy} />
            </Container>
          ),
        },
        {
          title: t("wizardName"),
          errorText: hint,
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">{t("wizardName")}</Header>}>
                <SpaceBetween size="m">
                  <FormField label={t("roleName")} constraintText={t("nameText")}>
                    <Input value={name} onChange={({ detail }) => setName(detail.value)} />
                  </FormField>
                  <FormField label={t("description")}>
                    <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">{t("review")}</Header>}>
                <Facts
                  columns={1}
                  items={[
                    { label: t("trustPolicy"), value: <Code label={t("trustPolicy")}>{document}</Code> },
                    { label: t("managedPolicy"), value: policy || t("none") },
                  ]}
                />
              </Container>
              {error !== undefined && <Problem error={error} />}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
