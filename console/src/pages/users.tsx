import { CreateUserCommand, DeleteUserCommand, ListUsersCommand, type User } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { pageSize, usePaged } from "../calls";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { Dialog } from "../ui/dialog";
import { Collection } from "../ui/collection";
import { To } from "../ui/parts";
import { UserDetail } from "./user_detail";

function CreateUser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [path, setPath] = useState("/");
  return (
    <Dialog
      title={t("createUser")}
      submit={t("create")}
      onClose={onClose}
      disabled={!name}
      success={t("created", { what: name })}
      onSubmit={async () => {
        await iam.send(new CreateUserCommand({ UserName: name, Path: path }));
        go(["users", name]);
      }}
    >
      <FormField label={t("userName")} constraintText={t("nameText")}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={t("path")}>
        <Input value={path} onChange={({ detail }) => setPath(detail.value)} />
      </FormField>
    </Dialog>
  );
}

function UserList() {
  const users = usePaged<User>("users", async (Marker) => {
    const answer = await iam.send(new ListUsersCommand({ Marker, MaxItems: pageSize(Marker) }));
    return { items: answer.Users ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [creates, askCreate] = useState(false);
  return (
    <>
      <Collection
        title={t("users")}
        description={t("usersText")}
        paged={users}
        id={({ Arn }) => Arn ?? ""}
        name={({ UserName }) => UserName ?? ""}
        empty={t("noUsers")}
        create={t("createUser")}
        onCreate={() => askCreate(true)}
        note={t("deleteUserNote")}
        remove={({ UserName }) => iam.send(new DeleteUserCommand({ UserName }))}
        columns={[
          { id: "name", header: t("userName"), cell: ({ UserName }) => <To path={["users", UserName ?? ""]}>{UserName}</To>, isRowHeader: true },
          { id: "path", header: t("path"), cell: ({ Path }) => Path },
          { id: "password", header: t("passwordLastUsed"), cell: ({ PasswordLastUsed }) => when(PasswordLastUsed) },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {creates && <CreateUser onClose={() => askCreate(false)} />}
    </>
  );
}

export default function Users() {
  const name = usePlace().path[1];
  return name === undefined ? <UserList /> : <UserDetail key={name} name={name} />;
}
