import { CreateGroupCommand, DeleteGroupCommand, GetGroupCommand, type Group, ListGroupsCommand, type User } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { OwnerPolicies } from "../ui/attached";
import { DeleteDialog, Dialog } from "../ui/dialog";
import { Listing } from "../ui/listing";
import { Answer, Copied, Facts, To } from "../ui/parts";

function CreateGroup({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  return (
    <Dialog
      title={t("createGroup")}
      submit={t("create")}
      onClose={onClose}
      disabled={!name}
      success={t("created", { what: name })}
      onSubmit={async () => {
        await iam.send(new CreateGroupCommand({ GroupName: name }));
        go(["groups", name]);
      }}
    >
      <FormField label={t("groupName")} constraintText={t("nameText")}>
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}

function GroupList() {
  const groups = usePaged<Group>("groups", async (Marker) => {
    const answer = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
    return { items: answer.Groups ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [chosen, choose] = useState<Group>();
  const [dialog, open] = useState<"create" | "delete">();
  const close = () => open(undefined);
  return (
    <>
      <Listing
        title={t("groups")}
        description={t("groupsText")}
        paged={groups}
        id={({ Arn }) => Arn ?? ""}
        text={({ GroupName }) => GroupName ?? ""}
        empty={t("noGroups")}
        selected={chosen}
        onSelect={choose}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => open("delete")}>
              {t("delete")}
            </Button>
            <Button variant="primary" onClick={() => open("create")}>
              {t("createGroup")}
            </Button>
          </>
        }
        columns={[
          { id: "name", header: t("groupName"), cell: ({ GroupName }) => <To path={["groups", GroupName ?? ""]}>{GroupName}</To>, isRowHeader: true },
          { id: "path", header: t("path"), cell: ({ Path }) => Path },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {dialog === "create" && <CreateGroup onClose={close} />}
      {dialog === "delete" && chosen && (
        <DeleteDialog
          what={chosen.GroupName ?? ""}
          onClose={close}
          onSubmit={async () => {
            await iam.send(new DeleteGroupCommand({ GroupName: chosen.GroupName }));
            choose(undefined);
            groups.reload();
          }}
        />
      )}
    </>
  );
}

function Members({ group }: { group: string }) {
  const members = usePaged<User>(group, async (Marker) => {
    const answer = await iam.send(new GetGroupCommand({ GroupName: group, Marker }));
    return { items: answer.Users ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  return (
    <Listing
      level="h2"
      title={t("users")}
      paged={members}
      id={({ Arn }) => Arn ?? ""}
      text={({ UserName }) => UserName ?? ""}
      empty={t("noMembers")}
      columns={[
        { id: "name", header: t("userName"), cell: ({ UserName }) => <To path={["users", UserName ?? ""]}>{UserName}</To>, isRowHeader: true },
        { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
      ]}
    />
  );
}

function GroupDetail({ name }: { name: string }) {
  const group = useCall(`group-${name}`, async () => (await iam.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }))).Group);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{name}</Header>
      <Answer call={group}>
        {(found) => (
          <SpaceBetween size="l">
            <Container>
              <Facts
                columns={2}
                items={[
                  { label: "ARN", value: <Copied text={found?.Arn ?? ""} /> },
                  { label: t("createdAt"), value: when(found?.CreateDate) },
                ]}
              />
            </Container>
            <Tabs
              ariaLabel={name}
              tabs={[
                { id: "users", label: t("users"), content: <Members group={name} /> },
                { id: "policies", label: t("permissions"), content: <OwnerPolicies owner={{ kind: "group", name }} /> },
              ]}
            />
          </SpaceBetween>
        )}
      </Answer>
    </SpaceBetween>
  );
}

export default function Groups() {
  const name = usePlace().path[1];
  return name === undefined ? <GroupList /> : <GroupDetail key={name} name={name} />;
}
