import { CreateGroupCommand, DeleteGroupCommand, GetGroupCommand, type Group, ListGroupsCommand, type User } from "@aws-sdk/client-iam";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { pageSize, useCall, usePaged } from "../calls";
import { iam } from "../clients";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { OwnerPolicies } from "../ui/attached";
import { Dialog } from "../ui/dialog";
import { Collection } from "../ui/collection";
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
    const answer = await iam.send(new ListGroupsCommand({ Marker, MaxItems: pageSize(Marker) }));
    return { items: answer.Groups ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  const [creates, askCreate] = useState(false);
  return (
    <>
      <Collection
        title={t("groups")}
        description={t("groupsText")}
        paged={groups}
        id={({ Arn }) => Arn ?? ""}
        name={({ GroupName }) => GroupName ?? ""}
        empty={t("noGroups")}
        create={t("createGroup")}
        onCreate={() => askCreate(true)}
        remove={({ GroupName }) => iam.send(new DeleteGroupCommand({ GroupName }))}
        columns={[
          { id: "name", header: t("groupName"), cell: ({ GroupName }) => <To path={["groups", GroupName ?? ""]}>{GroupName}</To>, isRowHeader: true },
          { id: "path", header: t("path"), cell: ({ Path }) => Path },
          { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
        ]}
      />
      {creates && <CreateGroup onClose={() => askCreate(false)} />}
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
