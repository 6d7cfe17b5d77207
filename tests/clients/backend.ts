// The shop's backend as a caller: every call signed with AWS Signature Version 4 (docs/identity.md).
import { AwsClient } from "aws4fetch";
import createClient from "openapi-fetch";
import { setting } from "./common.ts";
import type { paths } from "./schema.d.ts";

// The backend's API; its address is another than that of people's.
export function backend() {
  const signer = new AwsClient({
    accessKeyId: setting("AWS_ACCESS_KEY_ID"),
    secretAccessKey: setting("AWS_SECRET_ACCESS_KEY"),
    region: setting("AWS_REGION"),
    service: "execute-api",
    retries: 0,
  });
  return createClient<paths>({ baseUrl: setting("BACKEND_API_URL"), fetch: (request) => signer.fetch(request) });
}
