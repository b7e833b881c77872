import {
  CreateAccountAliasCommand,
  DeleteAccountAliasCommand,
  DeleteAccountPasswordPolicyCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountSummaryCommand,
  ListAccountAliasesCommand,
  type PasswordPolicy,
  SetSecurityTokenServicePreferencesCommand,
  UpdateAccountPasswordPolicyCommand,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ReactNode, useState } from "react";
import { type Call, useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { iamCall } from "../signed";
import { t } from "../text";
import { Listing } from "../ui/listing";
import { done } from "../ui/notices";
import { Answer, Copied } from "../ui/parts";
import { isMissing, Problem, told } from "../ui/problem";

// A setting that is shown, changed and shown again; what the server says of a change stays beside it.
function Setting<T>({ title, text, call, children }: {
  title: string;
  text: string;
  call: Call<T>;
  children: (value: T, change: (work: () => Promise<unknown>) => Promise<void>, working: boolean) => ReactNode;
}) {
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const change = async (work: () => Promise<unknown>) => {
    setWorking(true);
    setError(undefined);
    try {
      await work();
      done(t("saved", { what: title }));
      call.reload();
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <Container header={<Header variant="h2" description={text}>{title}</Header>}>
      <SpaceBetween size="m">
        <Answer call={call}>{(value) => <>{children(value, change, working)}</>}</Answer>
        {error !== undefined && <Problem error={error} />}
      </SpaceBetween>
    </Container>
  );
}

function Alias() {
  const alias = useCall("alias", async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases?.[0] ?? "");
  const [wanted, want] = useState<string>();
  return (
    <Setting title={t("accountAlias")} text={t("accountAliasText")} call={alias}>
      {(stored, change, working) => (
        <SpaceBetween size="m">
          <FormField label={t("accountAlias")} constraintText={t("accountAliasRule")}>
            <Input value={wanted ?? stored} onChange={({ detail }) => want(detail.value.trim())} />
          </FormField>
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="primary"
              loading={working}
              disabled={!wanted || wanted === stored}
              onClick={() => void change(() => iam.send(new CreateAccountAliasCommand({ AccountAlias: wanted })))}
            >
              {t("save")}
            </Button>
            <Button
              disabled={!stored || working}
              onClick={() => void change(() => iam.send(new DeleteAccountAliasCommand({ AccountAlias: stored }))).then(() => want(undefined))}
            >
              {t("delete")}
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      )}
    </Setting>
  );
}

const RULES = [
  ["RequireUppercaseCharacters", "ruleUpper"],
  ["RequireLowercaseCharacters", "ruleLower"],
  ["RequireNumbers", "ruleNumbers"],
  ["RequireSymbols", "ruleSymbols"],
  ["AllowUsersToChangePassword", "ruleOwnChange"],
  ["HardExpiry", "ruleHardExpiry"],
] as const;

const NUMBERS = [
  ["MinimumPasswordLength", "ruleLength", 6, 128],
  ["MaxPasswordAge", "ruleAge", 0, 1095],
  ["PasswordReusePrevention", "ruleReuse", 0, 24],
] as const;

function PasswordRules({ stored, change, working }: {
  stored: Partial<PasswordPolicy> | undefined;
  change: (work: () => Promise<unknown>) => Promise<void>;
  working: boolean;
}) {
  const [rules, setRules] = useState<Partial<PasswordPolicy>>(stored ?? { MinimumPasswordLength: 8 });
  const save = () => {
    // What is 0 is left out: there is no such limit.
    const { ExpirePasswords: _, ...given } = rules;
    const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== 0));
    return iam.send(new UpdateAccountPasswordPolicyCommand(wanted));
  };
  return (
    <SpaceBetween size="m">
      {!stored && <StatusIndicator type="info">{t("noPasswordPolicy")}</StatusIndicator>}
      <ColumnLayout columns={2}>
        <SpaceBetween size="s">
          {NUMBERS.map(([name, text, least, most]) => (
            <FormField key={name} label={t(text)} constraintText={t(least > 0 ? "numberRange" : "numberBetween", { least, most })}>
              <Input
                type="number"
                inputMode="numeric"
                value={String(rules[name] ?? 0)}
                onChange={({ detail }) => setRules({ ...rules, [name]: Number(detail.value) })}
              />
            </FormField>
          ))}
        </SpaceBetween>
        <SpaceBetween size="s">
          {RULES.map(([name, text]) => (
            <Checkbox key={name} checked={rules[name] ?? false} onChange={({ detail }) => setRules({ ...rules, [name]: detail.checked })}>
              {t(text)}
            </Checkbox>
          ))}
        </SpaceBetween>
      </ColumnLayout>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" loading={working} onClick={() => void change(save)}>
          {t("save")}
        </Button>
        <Button disabled={!stored || working} onClick={() => void change(() => iam.send(new DeleteAccountPasswordPolicyCommand({})))}>
          {t("delete")}
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}

function Passwords() {
  const policy = useCall("password-policy", async () => {
    try {
      return { rules: (await iam.send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy };
    } catch (error) {
      if (isMissing(error)) return { rules: undefined };
      throw error;
    }
  });
  return (
    <Setting title={t("passwordPolicy")} text={t("passwordPolicyText")} call={policy}>
      {({ rules }, change, working) => <PasswordRules key={JSON.stringify(rules ?? null)} stored={rules} change={change} working={working} />}
    </Setting>
  );
}

function TokenVersion({ summary }: { summary: Call<Record<string, number>> }) {
  const label = (version: string) => ({ value: version, label: t("tokenVersion", { version }) });
  return (
    <Setting title={t("stsTokens")} text={t("stsTokensText")} call={summary}>
      {(map, change) => (
        <FormField label={t("stsTokens")}>
          <Select
            ariaLabel={t("stsTokens")}
            selectedOption={label(String(map.GlobalEndpointTokenVersion ?? 1))}
            options={["1", "2"].map(label)}
            onChange={({ detail }) =>
              void change(() =>
                iam.send(
                  new SetSecurityTokenServicePreferencesCommand({
                    GlobalEndpointTokenVersion: detail.selectedOption.value === "2" ? "v2Token" : "v1Token",
                  }),
                ),
              )
            }
          />
        </FormField>
      )}
    </Setting>
  );
}

function WebIdentity() {
  const info = useCall("outbound", async () => {
    try {
      return (await iamCall("GetOutboundWebIdentityFederationInfo", {}))("IssuerIdentifier") ?? "";
    } catch (error) {
      if (/^FeatureDisabled/.test(told(error).code)) return "";
      throw error;
    }
  });
  return (
    <Setting title={t("outbound")} text={t("outboundText")} call={info}>
      {(issuer, change, working) => (
        <SpaceBetween size="s">
          {issuer ? <Copied text={issuer} /> : <StatusIndicator type="stopped">{t("inactive")}</StatusIndicator>}
          <Button
            loading={working}
            onClick={() => void change(() => iamCall(issuer ? "DisableOutboundWebIdentityFederation" : "EnableOutboundWebIdentityFederation", {}))}
          >
            {issuer ? t("deactivate") : t("activate")}
          </Button>
        </SpaceBetween>
      )}
    </Setting>
  );
}

function Quotas() {
  const rows = usePaged<[string, number]>("quotas", async () => {
    const map = (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {};
    return { items: Object.entries(map as Record<string, number>) };
  });
  return (
    <Listing
      level="h2"
      title={t("quotas")}
      description={t("quotasText")}
      paged={rows}
      id={([name]) => name}
      text={([name]) => name}
      empty={t("none")}
      columns={[
        { id: "name", header: t("name"), cell: ([name]) => name, isRowHeader: true },
        { id: "value", header: t("value"), cell: ([, value]) => value },
      ]}
    />
  );
}

export default function Settings() {
  const summary = useCall("settings-summary", async () => ((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {}) as Record<string, number>);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t("settingsText")}>
        {t("settings")}
      </Header>
      <Alias />
      <Passwords />
      <TokenVersion summary={summary} />
      <WebIdentity />
      <Quotas />
      <Box color="text-body-secondary">{t("sessionLengthsText")}</Box>
    </SpaceBetween>
  );
}
