import { DeleteRoleCommand, ListRolesCommand, type Role } from "@aws-sdk/client-iam";
import { lazy, Suspense } from "react";
import { pageSize, usePaged } from "../calls";
import { iam } from "../clients";
import { readable } from "../json";
import { go, usePlace } from "../router";
import { t, when } from "../text";
import { Collection } from "../ui/collection";
import { To, Waiting } from "../ui/parts";

const RoleWizard = lazy(() => import("./role_wizard"));
const RoleDetail = lazy(() => import("./role_detail"));

// Who may assume the role, in short.
function trusted(role: Role): string {
  try {
    const document = JSON.parse(readable(role.AssumeRolePolicyDocument)) as { Statement?: unknown };
    const statements = [document.Statement ?? []].flat() as { Principal?: string | Record<string, string | string[]> }[];
    const principals = statements.flatMap(({ Principal }) => (typeof Principal === "string" ? [Principal] : Object.values(Principal ?? {}).flat()));
    return [...new Set(principals)].join(", ");
  } catch {
    return "-";
  }
}

function RoleList() {
  const roles = usePaged<Role>("roles", async (Marker) => {
    const answer = await iam.send(new ListRolesCommand({ Marker, MaxItems: pageSize(Marker) }));
    return { items: answer.Roles ?? [], next: answer.IsTruncated ? answer.Marker : undefined };
  });
  return (
    <Collection
      title={t("roles")}
      description={t("rolesText")}
      paged={roles}
      id={({ Arn }) => Arn ?? ""}
      name={({ RoleName }) => RoleName ?? ""}
      empty={t("noRoles")}
      create={t("createRole")}
      onCreate={() => go(["roles"], { new: "1" })}
      note={t("deleteRoleNote")}
      remove={({ RoleName }) => iam.send(new DeleteRoleCommand({ RoleName }))}
      columns={[
        { id: "name", header: t("roleName"), cell: ({ RoleName }) => <To path={["roles", RoleName ?? ""]}>{RoleName}</To>, isRowHeader: true },
        { id: "trusted", header: t("trusts"), cell: trusted },
        { id: "created", header: t("createdAt"), cell: ({ CreateDate }) => when(CreateDate) },
      ]}
    />
  );
}

export default function Roles() {
  const { path, params } = usePlace();
  const name = path[1];
  if (name === undefined && !params.has("new")) return <RoleList />;
  return <Suspense fallback={<Waiting />}>{name === undefined ? <RoleWizard /> : <RoleDetail key={name} name={name} />}</Suspense>;
}
