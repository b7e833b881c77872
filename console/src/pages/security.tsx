import { ChangePasswordCommand, GetAccountPasswordPolicyCommand } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useCall } from "../calls";
import { iam } from "../clients";
import { isRoot, ownUserName, SIGN_IN, useSession } from "../session";
import { t } from "../text";
import { AccessKeys } from "../ui/access_keys";
import { MfaDevices } from "../ui/mfa_devices";
import { Problem } from "../ui/problem";
import { Sessions } from "../ui/sessions";

function Password() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const [changed, setChanged] = useState(false);
  const policy = useCall("password-policy", async () => {
    try {
      return (await iam.send(new GetAccountPasswordPolicyCommand({}))).PasswordPolicy;
    } catch {
      return undefined; // the rules are a help; the server says what breaks them
    }
  });
  const change = async () => {
    setWorking(true);
    setError(undefined);
    try {
      await iam.send(new ChangePasswordCommand({ OldPassword: old, NewPassword: next }));
      setChanged(true);
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  if (changed) {
    return (
      <Alert type="success" header={t("passwordChanged")} action={<Button href={SIGN_IN}>{t("signInAgain")}</Button>}>
        {t("passwordChangedText")}
      </Alert>
    );
  }
  const minimum = policy.data?.MinimumPasswordLength;
  return (
    <Container header={<Header variant="h2" description={t("passwordText")}>{t("password")}</Header>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (old && next && next === again) void change();
        }}
      >
        <SpaceBetween size="m">
          <FormField label={t("oldPassword")}>
            <Input type="password" value={old} autoComplete="current-password" onChange={({ detail }) => setOld(detail.value)} />
          </FormField>
          <FormField label={t("newPassword")} constraintText={minimum ? t("passwordMinimum", { minimum }) : undefined}>
            <Input type="password" value={next} autoComplete="new-password" onChange={({ detail }) => setNext(detail.value)} />
          </FormField>
          <FormField label={t("newPasswordAgain")} errorText={again && next !== again ? t("notTheSame") : undefined}>
            <Input type="password" value={again} autoComplete="new-password" onChange={({ detail }) => setAgain(detail.value)} />
          </FormField>
          {error !== undefined && <Problem error={error} />}
          <Button variant="primary" loading={working} disabled={!old || !next || next !== again}>
            {t("changePassword")}
          </Button>
        </SpaceBetween>
      </form>
    </Container>
  );
}

export default function Security() {
  const session = useSession();
  const user = ownUserName(session);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={session.arn}>
        {t("security")}
      </Header>
      {user === undefined && !isRoot(session) ? (
        <Alert type="info" header={t("noOwnCredentials")}>
          <Box>{t("noOwnCredentialsText")}</Box>
        </Alert>
      ) : (
        <SpaceBetween size="l">
          {user === undefined && <Alert type="warning">{t("rootText")}</Alert>}
          <MfaDevices user={user} />
          <AccessKeys user={user} />
          {user !== undefined && <Password />}
        </SpaceBetween>
      )}
      <Sessions level="h2" />
    </SpaceBetween>
  );
}
