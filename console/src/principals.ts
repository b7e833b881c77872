import { ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { iam } from "./clients";

// ARNs of all users, then of all roles.
export async function everybody(): Promise<string[]> {
  const found: string[] = [];
  let Marker: string | undefined;
  do {
    const answer = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
    found.push(...(answer.Users ?? []).map(({ Arn }) => Arn ?? ""));
    Marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (Marker);
  do {
    const answer = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
    found.push(...(answer.Roles ?? []).map(({ Arn }) => Arn ?? ""));
    Marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (Marker);
  return found;
}

// "user/jane", "role/team/worker".
export const shortName = (arn: string) => arn.replace(/^.*:(user|role)\//, "$1/");
