import {
  AddUserToGroupCommand,
  DeleteLoginProfileCommand,
  GetUserCommand,
  type Group,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { iamCall } from "../signed";
import { t, when } from "../text";
import { AccessKeys } from "../ui/access_keys";
import { OwnerPolicies } from "../ui/attached";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { MfaDevices } from "../ui/mfa_devices";
import { done, failed } from "../ui/notices";
import { Answer, Copied, Facts, To } from "../ui/parts";
import { isMissing } from "../ui/problem";
import { SigninDuration, signinChange, signinHours } from "../ui/signin_duration";

const USUAL_SECONDS = 12 * 3600; // of a sign-in that has no length of its own

function Groups({ user }: { user: string }) {
  const groups = usePaged<Group>(user, async (Marker) => {
    const answer = await iam.send(new ListGroupsForUserCommand({ UserName: user, Marker }));
    return { items: answer.Groups ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<Group>();
  const [adds, add] = useState(false);
  const [name, setName] = useState("");
  const leave = async () => {
    try {
      await iam.send(new RemoveUserFromGroupCommand({ UserName: user, GroupName: chosen?.GroupName }));
      done(t("removedFrom", { what: chosen?.GroupName ?? "" }));
      choose(undefined);
      groups.reload();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <>
      <Listing
        level="h2"
        title={t("groups")}
        paged={groups}
        id={({ Arn }) => Arn ?? ""}
        empty={t("inNoGroup")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => void leave()}>
              {t("remove")}
            </Button>
            <Button onClick={() => add(true)}>{t("addToGroup")}</Button>
          </>
        }
        columns={[
          { id: "name", header: t("groupName"), cell: ({ GroupName }) => <To path={["groups", GroupName ?? ""]}>{GroupName}</To>, isRowHeader: true },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {adds && (
        <Dialog
          title={t("addToGroup")}
          submit={t("add")}
          onClose={() => add(false)}
          disabled={!name}
          success={t("saved", { what: user })}
          onSubmit={async () => {
            await iam.send(new AddUserToGroupCommand({ UserName: user, GroupName: name }));
            groups.reload();
          }}
        >
          <FormField label={t("groupName")}>
            <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
          </FormField>
        </Dialog>
      )}
    </>
  );
}

// The password of a user, with the member that the bundle's client does not know yet.
interface Login {
  created: Date;
  mustChange: boolean;
  signinSeconds?: number;
}

async function findLogin(UserName: string): Promise<Login | null> {
  try {
    const told = await iamCall("GetLoginProfile", { UserName });
    const seconds = told("MaxSigninSessionDuration");
    return {
      created: new Date(told("CreateDate") ?? 0),
      mustChange: told("PasswordResetRequired") === "true",
      signinSeconds: seconds === undefined ? undefined : Number(seconds),
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function PasswordDialog({ user, isNew, onClose, reload }: { user: string; isNew: boolean; onClose: () => void; reload: () => void }) {
  const [password, setPassword] = useState("");
  const [reset, setReset] = useState(true);
  const [hours, setHours] = useState("");
  return (
    <Dialog
      title={isNew ? t("giveConsoleAccess") : t("newPassword")}
      submit={t("save")}
      onClose={onClose}
      disabled={!password}
      success={t("saved", { what: user })}
      onSubmit={async () => {
        const wanted = { UserName: user, Password: password, PasswordResetRequired: reset, ...signinChange(hours, undefined) };
        await iamCall(isNew ? "CreateLoginProfile" : "UpdateLoginProfile", wanted);
        reload();
      }}
    >
      <FormField label={t("password")}>
        <Input type="password" value={password} autoComplete="new-password" onChange={({ detail }) => setPassword(detail.value)} />
      </FormField>
      <Checkbox checked={reset} onChange={({ detail }) => setReset(detail.checked)}>
        {t("mustChange")}
      </Checkbox>
      {isNew && <SigninDuration value={hours} onChange={setHours} unset={t("maxSigninUserText")} />}
    </Dialog>
  );
}

function SigninDialog({ user, login, onClose, reload }: { user: string; login: Login; onClose: () => void; reload: () => void }) {
  const [hours, setHours] = useState(signinHours(login.signinSeconds));
  return (
    <Dialog
      title={t("maxSignin")}
      submit={t("save")}
      onClose={onClose}
      success={t("saved", { what: user })}
      onSubmit={async () => {
        await iamCall("UpdateLoginProfile", { UserName: user, ...signinChange(hours, login.signinSeconds) });
        reload();
      }}
    >
      <SigninDuration value={hours} onChange={setHours} unset={t("maxSigninUserText")} />
    </Dialog>
  );
}

function ConsoleAccess({ user }: { user: string }) {
  const [dialog, open] = useState<"new" | "change" | "signin" | "delete">();
  const profile = useCall(`login-${user}`, () => findLogin(user));
  const close = () => open(undefined);
  return (
    <Container header={<Header variant="h2">{t("consoleAccess")}</Header>}>
      <Answer call={profile}>
        {(login) => (
          <SpaceBetween size="s">
            <Box>{login ? t("hasPassword", { when: when(login.created) }) : t("hasNoPassword")}</Box>
            {login?.mustChange && <Box>{t("mustChange")}</Box>}
            {login && (
              <Box>
                {t("maxSignin")}: {t("hours", { hours: (login.signinSeconds ?? USUAL_SECONDS) / 3600 })}
              </Box>
            )}
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => open(login ? "change" : "new")}>{login ? t("newPassword") : t("giveConsoleAccess")}</Button>
              {login && <Button onClick={() => open("signin")}>{t("changeSignin")}</Button>}
              {login && <Button onClick={() => open("delete")}>{t("takeConsoleAccess")}</Button>}
            </SpaceBetween>
            {dialog === "signin" && login && <SigninDialog user={user} login={login} onClose={close} reload={profile.reload} />}
          </SpaceBetween>
        )}
      </Answer>
      {(dialog === "new" || dialog === "change") && <PasswordDialog user={user} isNew={dialog === "new"} onClose={close} reload={profile.reload} />}
      {dialog === "delete" && (
        <DeleteDialog
          what={t("passwordOf", { user })}
          onClose={close}
          onSubmit={async () => {
            await iam.send(new DeleteLoginProfileCommand({ UserName: user }));
            profile.reload();
          }}
        />
      )}
    </Container>
  );
}

export function UserDetail({ name }: { name: string }) {
  const user = useCall(`user-${name}`, async () => (await iam.send(new GetUserCommand({ UserName: name }))).User);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{name}</Header>
      <Answer call={user}>
        {(found) => (
          <SpaceBetween size="l">
            <Container>
              <Facts
                columns={2}
                items={[
                  { label: "ARN", value: <Copied text={found?.Arn ?? ""} /> },
                  { label: t("userId"), value: found?.UserId ?? "-" },
                  { label: t("createdAt"), value: when(found?.CreateDate) },
                  { label: t("passwordLastUsed"), value: when(found?.PasswordLastUsed) },
                  { label: t("boundary"), value: found?.PermissionsBoundary?.PermissionsBoundaryArn ?? "-" },
                  { label: t("tags"), value: found?.Tags?.map(({ Key, Value }) => `${Key}=${Value}`).join(", ") || "-" },
                ]}
              />
            </Container>
            <Tabs
              ariaLabel={name}
              tabs={[
                { id: "policies", label: t("permissions"), content: <OwnerPolicies owner={{ kind: "user", name }} /> },
                { id: "groups", label: t("groups"), content: <Groups user={name} /> },
                {
                  id: "credentials",
                  label: t("credentials"),
                  content: (
                    <SpaceBetween size="l">
                      <ConsoleAccess user={name} />
                      <AccessKeys user={name} />
                      <MfaDevices user={name} />
                    </SpaceBetween>
                  ),
                },
              ]}
            />
          </SpaceBetween>
        )}
      </Answer>
    </SpaceBetween>
  );
}
