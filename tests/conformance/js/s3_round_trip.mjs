// One object there and back with the SDK's defaults (streaming upload with a trailing checksum); prints one JSON object.
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

const client = new S3Client({ region: "us-east-1", maxAttempts: 1, forcePathStyle: true });
const object = { Bucket: "js-bucket", Key: "folder/a b+c.txt" };

await client.send(new CreateBucketCommand({ Bucket: object.Bucket }));
await client.send(new PutObjectCommand({ ...object, Body: "hello from JavaScript" }));
const buckets = await client.send(new ListBucketsCommand({}));
const listing = await client.send(new ListObjectsV2Command({ Bucket: object.Bucket, Prefix: "folder/" }));
const whole = await client.send(new GetObjectCommand(object));
const part = await client.send(new GetObjectCommand({ ...object, Range: "bytes=0-4" }));
await client.send(new DeleteObjectCommand(object));
const after = await client.send(new GetObjectCommand(object)).catch((error) => error);

console.log(
  JSON.stringify({
    buckets: buckets.Buckets.map((bucket) => bucket.Name),
    keys: listing.Contents.map((entry) => entry.Key),
    text: await whole.Body.transformToString(),
    range: await part.Body.transformToString(),
    after_delete: after.name,
  }),
);
