import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import * as v from 'valibot';
import { SettingsError } from './settings-error.ts';

/** What may be said of a deployment on the command line (`-c name=value`) or in the `context` of cdk.json. */
export type Settings = v.InferOutput<typeof SettingsSchema>;

const DEFAULT_STACK_NAME = 'DjinnWebhooks';
/** Each is in a zone of its own, and of a region that is not known before the deployment CDK takes two. */
const EGRESS_IPS_MAX = 2;
/** What the CDK CLI itself keeps among the context: by `cdk acknowledge` and `cdk cli-telemetry`. */
const OF_THE_CLI = ['acknowledged-issue-numbers', 'cli-telemetry'];

const text = (what: string, form: RegExp) => v.pipe(v.string(`must be ${what}`), v.regex(form, `must be ${what}`));
const list = v.pipe(
  v.union([v.string(), v.array(v.string())], 'must be a list, separated by commas'),
  v.transform((given) => (typeof given === 'string' ? given.split(',') : given).map((one) => one.trim())),
  v.transform((given) => given.filter((one) => one !== '')),
);
const wholeNumber = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))], 'must be a whole number'),
  v.integer('must be a whole number'),
);
const yesOrNo = v.pipe(
  v.union([v.boolean(), v.picklist(['true', 'false'])], 'must be true or false'),
  v.transform((given) => given === true || given === 'true'),
);
const RETENTION = Object.values(RetentionDays).filter((days) => typeof days === 'number');

/** All of them may be left out. What each means and where it is left out to: docs/operations.md, "Settings". */
const SettingsSchema = v.strictObject(
  {
    stackName: v.optional(text('a name of letters, digits and -', /^[A-Za-z][A-Za-z0-9-]{0,99}$/), DEFAULT_STACK_NAME),
    busName: v.optional(v.string()),
    existingBusName: v.optional(text('the name of a bus, and not its ARN', /^[\w./-]{1,256}$/)),
    eventSources: v.optional(list),
    domainName: v.optional(v.string()),
    certificateArn: v.optional(text("a certificate's ARN", /^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/)),
    allowedNetworks: v.optional(list),
    vpcId: v.optional(text("a VPC's id, such as vpc-0a1b2c3d", /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/)),
    subnetIds: v.optional(
      v.pipe(
        list,
        v.everyItem((one) => /^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(one), 'must be ids such as subnet-0a1b2c3d'),
      ),
    ),
    staticEgressIps: v.optional(
      v.pipe(
        wholeNumber,
        v.minValue(1, `must be 1 to ${EGRESS_IPS_MAX}`),
        v.maxValue(EGRESS_IPS_MAX, `must be 1 to ${EGRESS_IPS_MAX}`),
      ),
    ),
    allowInsecureTls: v.optional(yesOrNo),
    maximumConcurrency: v.optional(wholeNumber),
    requestsPerSecond: v.optional(wholeNumber),
    logLevel: v.optional(v.picklist(['DEBUG', 'INFO', 'WARN', 'ERROR'], 'must be DEBUG, INFO, WARN or ERROR')),
    logRetentionDays: v.optional(
      v.pipe(
        wholeNumber,
        v.check((days) => RETENTION.includes(days), `must be one of ${RETENTION.join(', ')}`),
      ),
    ),
    alarmEmail: v.optional(v.string()),
    alarmTopicArn: v.optional(text("a topic's ARN", /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/)),
  },
  'is no setting: look at its spelling',
);

/** Settings that say nothing without each other, and those of which only one can be meant. */
const TOGETHER = [
  ['domainName', 'certificateArn'],
  ['vpcId', 'subnetIds'],
] as const;
const APART = [
  ['vpcId', 'staticEgressIps'],
  ['busName', 'existingBusName'],
  ['alarmEmail', 'alarmTopicArn'],
] as const;

/** Reads the settings of an app. Throws SettingsError with a sentence about each that is unknown or cannot be meant. */
export function readSettings(node: Pick<Node, 'getAllContext'>): Settings {
  // The library's own, and what it has looked up, have such signs in their names.
  const given = Object.entries(node.getAllContext() as object).filter(
    ([name]) => !/[:/@]/.test(name) && !OF_THE_CLI.includes(name),
  );
  const read = v.safeParse(SettingsSchema, Object.fromEntries(given));
  if (!read.success)
    throw new SettingsError(read.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`));
  const settings = read.output;
  const isGiven = (name: keyof Settings) => settings[name] !== undefined;
  const wrong = [
    ...TOGETHER.filter(([one, other]) => isGiven(one) !== isGiven(other)).map(
      (pair) => `${pair.join(' and ')} go together`,
    ),
    ...APART.filter((pair) => pair.every(isGiven)).map((pair) => `Give ${pair.join(' or ')}, not both`),
  ];
  if (wrong.length > 0) throw new SettingsError(wrong);
  return settings;
}
