import { CreateUserCommand, DeleteUserCommand, ListUsersCommand, type User } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { usePaged } from "../calls";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
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
    const answer = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
    return { items: answer.Users ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<User>();
  const [dialog, open] = useState<"create" | "delete">();
  const close = () => open(undefined);
  return (
    <>
      <Listing
        title={t("users")}
        description={t("usersText")}
        paged={users}
        id={({ Arn }) => Arn ?? ""}
        text={({ UserName }) => UserName ?? ""}
        empty={t("noUsers")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => open("delete")}>
              {t("delete")}
            </Button>
            <Button variant="primary" onClick={() => open("create")}>
              {t("createUser")}
            </Button>
          </>
        }
        columns={[
          { id: "name", header: t("userName"), cell: ({ UserName }) => <To path={["users", UserName ?? ""]}>{UserName}</To>, isRowHeader: true },
          { id: "path", header: t("path"), cell: ({ Path }) => Path },
          { id: "password", header: t("passwordLastUsed"), cell: ({ PasswordLastUsed }) => when(PasswordLastUsed) },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {dialog === "create" && <CreateUser onClose={close} />}
      {dialog === "delete" && chosen && (
        <DeleteDialog
          what={chosen.UserName ?? ""}
          note={t("deleteUserNote")}
          onClose={close}
          onSubmit={async () => {
            await iam.send(new DeleteUserCommand({ UserName: chosen.UserName }));
            choose(undefined);
            users.reload();
          }}
        />
      )}
    </>
  );
}

export default function Users() {
  const name = usePlace().path[1];
  return name === undefined ? <UserList /> : <UserDetail key={name} name={name} />;
}
