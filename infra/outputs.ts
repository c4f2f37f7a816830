/**
 * The outputs of a deployed stack: what CDK writes into the template, one each, and what the command line finds the deployment
 * by.
 */
export const OUTPUT_NAMES = [
  'ApiUrl',
  'TableName',
  'KmsKeyId',
  'EventBusName',
  'EventsQueueUrl',
  'EventsDeadLetterQueueUrl',
  'DeliveriesQueueUrl',
  'DeliveriesDeadLetterQueueUrl',
] as const;

type OutputName = (typeof OUTPUT_NAMES)[number];

/** A value for each output: one that is missing does not compile. */
export type Outputs = Readonly<Record<OutputName, string>>;

/** What else the outputs tell whoever has deployed a stack: where the console and the dashboard are, and what to type next. */
const HINT_NAMES = ['ConsoleUrl', 'DashboardUrl', 'FirstTokenCommand', 'EmitCommand'] as const;

export type Hints = Readonly<Record<(typeof HINT_NAMES)[number], string>>;
