import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { s3 } from "./clients";

// Saves an object as a file of the person's, by a link that is good for a minute and no longer than the credentials that signed it.
export async function downloadObject(bucket: string, key: string, version?: string): Promise<void> {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    VersionId: version,
    ResponseContentDisposition: `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  });
  const anchor = document.createElement("a");
  anchor.href = await getSignedUrl(s3, command, { expiresIn: 60 });
  anchor.download = name;
  anchor.click();
}
