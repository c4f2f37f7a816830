/** What the SDK asks for and the local engines do not look at. */
export const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
export const ACCOUNT = '000000000000';

/** Of the form that DynamoDB asks for: nobody here checks it, and to make a true one takes a good part of a call's time. */
const SIGNATURE = {
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/local/aws4_request, SignedHeaders=host, Signature=none`,
  'x-amz-date': '20260101T000000Z',
};
const SIGNER = {
  async sign<R extends { readonly headers: Record<string, string> }>(request: R): Promise<R> {
    Object.assign(request.headers, SIGNATURE);
    return request;
  },
};

/** Settings of an SDK client that talks to a local engine. `md5` is that of SQS: hashes of messages that do not leave the machine. */
export function local(endpoint: string) {
  return { endpoint, region: REGION, credentials: CREDENTIALS, signer: SIGNER, md5: false } as const;
}
