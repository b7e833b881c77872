import { type BucketVersioningStatus, GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import { type Call, useCall } from "./calls";
import { s3 } from "./clients";

// Off: never switched on.
export type Versioning = BucketVersioningStatus | "Off";

export function useVersioning(bucket: string): Call<Versioning> {
  return useCall(`versioning-${bucket}`, async () => (await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status ?? "Off");
}
