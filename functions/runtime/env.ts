/** The settings of every function, by the names that infra gives them. */
const SETTINGS = [
  'TABLE_NAME',
  'DELIVERIES_QUEUE_URL',
  'EVENTS_DEAD_LETTER_QUEUE_URL',
  'EVENT_BUS_NAME',
  'KMS_KEY_ID',
  'ALLOWED_NETWORKS',
  'ALLOW_INSECURE_TLS',
  'PUBLIC_URL',
] as const;

type Setting = (typeof SETTINGS)[number];

/** What each function must be given: what infra sets, and what the function may read. */
export const SETTINGS_OF = {
  api: ['TABLE_NAME', 'DELIVERIES_QUEUE_URL', 'EVENT_BUS_NAME', 'KMS_KEY_ID', 'ALLOWED_NETWORKS', 'PUBLIC_URL'],
  console: ['TABLE_NAME', 'DELIVERIES_QUEUE_URL', 'KMS_KEY_ID', 'ALLOWED_NETWORKS', 'ALLOW_INSECURE_TLS', 'PUBLIC_URL'],
  ingest: ['TABLE_NAME', 'DELIVERIES_QUEUE_URL', 'EVENTS_DEAD_LETTER_QUEUE_URL'],
  deliver: [
    'TABLE_NAME',
    'DELIVERIES_QUEUE_URL',
    'EVENT_BUS_NAME',
    'KMS_KEY_ID',
    'ALLOWED_NETWORKS',
    'ALLOW_INSECURE_TLS',
    'PUBLIC_URL',
  ],
  retry: ['TABLE_NAME', 'DELIVERIES_QUEUE_URL'],
  recover: ['TABLE_NAME', 'DELIVERIES_QUEUE_URL'],
  'dead-letter': ['TABLE_NAME', 'EVENT_BUS_NAME', 'PUBLIC_URL'],
} as const satisfies Record<string, readonly Setting[]>;

export type FunctionName = keyof typeof SETTINGS_OF;
/** The environment of one function: a setting that it was not given does not compile. */
export type EnvOf<F extends FunctionName> = Readonly<Record<(typeof SETTINGS_OF)[F][number], string>>;

/** Reads a function's settings. Throws, naming all that are missing, where the deployment did not give them. */
export function readEnv<F extends FunctionName>(
  name: F,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): EnvOf<F> {
  const missing = SETTINGS_OF[name].filter((setting) => variables[setting] === undefined);
  if (missing.length > 0) throw new Error(`The function ${name} lacks settings: ${missing.join(', ')}`);
  const entries = SETTINGS_OF[name].map((setting) => [setting, variables[setting]]);
  return Object.fromEntries(entries) as EnvOf<F>;
}

/** The networks of an operator's own receivers: CIDRs, separated by commas, mostly none. */
export function readNetworks(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
