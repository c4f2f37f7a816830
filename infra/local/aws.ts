/** What the SDK asks for and the local engines do not look at. */
export const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
export const ACCOUNT = '000000000000';

/** Settings of an SDK client that talks to a local engine. */
export function local(endpoint: string) {
  return { endpoint, region: REGION, credentials: CREDENTIALS };
}
