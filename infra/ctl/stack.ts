import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { OUTPUT_NAMES, type Outputs } from '../outputs.ts';
import { CommandError } from './command-error.ts';

const REFUSED_CREDENTIALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthFailure',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/** Reads what a deployed stack says of itself. Throws CommandError where there is no such stack, or it is not one of ours. */
export async function readOutputs(stack: string): Promise<Outputs> {
  const client = new CloudFormationClient();
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const values = new Map((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    const missing = OUTPUT_NAMES.filter((name) => !values.get(name));
    if (missing.length > 0) {
      const lacks = `The stack ${stack} lacks ${missing.join(', ')} among its outputs`;
      throw new CommandError(`${lacks}: name a stack of Djinn CI's webhooks, or deploy it again`);
    }
    return Object.fromEntries(values) as Outputs;
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error;
    const where = `in ${await client.config.region()}, with these credentials`;
    throw new CommandError(`There is no stack ${stack} ${where}: look at its name, AWS_REGION and AWS_PROFILE`);
  } finally {
    client.destroy();
  }
}

/** What an operator can do about a failure of AWS's, in a sentence; any other error as it is. */
export function explained(error: unknown): unknown {
  const { name, message, code } = error as Error & { readonly code?: string };
  if (name === 'CredentialsProviderError') {
    return new CommandError(
      'No AWS credentials were found: sign in with aws configure or aws sso login, or set AWS_PROFILE',
    );
  }
  if (message === 'Region is missing') {
    return new CommandError('No AWS region is named: set AWS_REGION to the one that the stack is in');
  }
  if (REFUSED_CREDENTIALS.has(name)) {
    return new CommandError(`AWS refuses these credentials. Sign in again, or as someone who may. It says: ${message}`);
  }
  if (UNREACHABLE.has(code ?? '')) {
    return new CommandError(
      `AWS cannot be reached: look at the network and AWS_REGION. The failure: ${message || code}`,
    );
  }
  return error;
}
