import {
  AddUserToGroupCommand,
  CreateLoginProfileCommand,
  DeleteLoginProfileCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  type Group,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
  UpdateLoginProfileCommand,
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
import { t, when } from "../text";
import { AccessKeys } from "../ui/access_keys";
import { OwnerPolicies } from "../ui/attached";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { MfaDevices } from "../ui/mfa_devices";
import { done, failed } from "../ui/notices";
import { Answer, Copied, Facts, To } from "../ui/parts";
import { isMissing } from "../ui/problem";

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

function PasswordDialog({ user, isNew, onClose, reload }: { user: string; isNew: boolean; onClose: () => void; reload: () => void }) {
  const [password, setPassword] = useState("");
  const [reset, setReset] = useState(true);
  return (
    <Dialog
      title={isNew ? t("giveConsoleAccess") : t("newPassword")}
      submit={t("save")}
      onClose={onClose}
      disabled={!password}
      success={t("saved", { what: user })}
      onSubmit={async () => {
        const wanted = { UserName: user, Password: password, PasswordResetRequired: reset };
        await (isNew ? iam.send(new CreateLoginProfileCommand(wanted)) : iam.send(new UpdateLoginProfileCommand(wanted)));
        reload();
      }}
    >
      <FormField label={t("password")}>
        <Input type="password" value={password} autoComplete="new-password" onChange={({ detail }) => setPassword(detail.value)} />
      </FormField>
      <Checkbox checked={reset} onChange={({ detail }) => setReset(detail.checked)}>
        {t("mustChange")}
      </Checkbox>
    </Dialog>
  );
}

function ConsoleAccess({ user }: { user: string }) {
  const [dialog, open] = useState<"new" | "change" | "delete">();
  const profile = useCall(`login-${user}`, async () => {
    try {
      return (await iam.send(new GetLoginProfileCommand({ UserName: user }))).LoginProfile ?? null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  });
  const close = () => open(undefined);
  return (
    <Container header={<Header variant="h2">{t("consoleAccess")}</Header>}>
      <Answer call={profile}>
        {(login) => (
          <SpaceBetween size="s">
            <Box>{login ? t("hasPassword", { when: when(login.CreateDate) }) : t("hasNoPassword")}</Box>
            {login?.PasswordResetRequired && <Box>{t("mustChange")}</Box>}
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => open(login ? "change" : "new")}>{login ? t("newPassword") : t("giveConsoleAccess")}</Button>
              {login && <Button onClick={() => open("delete")}>{t("takeConsoleAccess")}</Button>}
            </SpaceBetween>
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
