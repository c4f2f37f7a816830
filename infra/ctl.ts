import { Command, InvalidArgumentError } from 'commander';
import { RefusalError, ValidationError } from '../functions/domain/errors.ts';
import { auditCommand } from './ctl/audit.ts';
import { collaboratorCommand } from './ctl/collaborator.ts';
import { CommandError } from './ctl/command-error.ts';
import { useStack } from './ctl/connection.ts';
import { deadLettersCommand } from './ctl/dead-letters.ts';
import { eventCommand } from './ctl/event.ts';
import { failWhereOutputIsLost } from './ctl/lost-output.ts';
import { namespaceCommand } from './ctl/namespace.ts';
import { tokenCommand } from './ctl/token.ts';
import { webhookCommand } from './ctl/webhook.ts';
import { StartError } from './local/start-error.ts';

const program = new Command('npm run ctl --')
  .description(
    "The operator's command line. It works on the system that runs on DATA_DIR (default .local), or on a stack.",
  )
  .option('--stack <name>', 'work on this deployed CloudFormation stack instead; DJINN_STACK says the same', readStack)
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('Add --help for how to use it.')
  .addCommand(tokenCommand())
  .addCommand(namespaceCommand())
  .addCommand(collaboratorCommand())
  .addCommand(webhookCommand())
  .addCommand(eventCommand())
  .addCommand(deadLettersCommand())
  .addCommand(auditCommand());

function readStack(name: string): string {
  // As of a variable that is not set: what was meant for a stack must not happen here.
  if (name === '') throw new InvalidArgumentError('Name a stack.');
  useStack(name);
  return name;
}

/** Commands that were made by themselves do not have what is configured above them: global options in their help, too. */
function inherit(command: Command): void {
  for (const inner of command.commands) inherit(inner.copyInheritedSettings(command));
}

inherit(program);
failWhereOutputIsLost();

const PLAIN = [CommandError, StartError, ValidationError, RefusalError];

try {
  await program.parseAsync();
} catch (error) {
  if (!PLAIN.some((kind) => error instanceof kind)) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
