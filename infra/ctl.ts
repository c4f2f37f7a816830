import { Command } from 'commander';
import { RefusalError, ValidationError } from '../functions/domain/errors.ts';
import { collaboratorCommand } from './ctl/collaborator.ts';
import { CommandError } from './ctl/command-error.ts';
import { eventCommand } from './ctl/event.ts';
import { namespaceCommand } from './ctl/namespace.ts';
import { tokenCommand } from './ctl/token.ts';
import { webhookCommand } from './ctl/webhook.ts';
import { StartError } from './local/start-error.ts';

const program = new Command('npm run ctl --')
  .description("The operator's command line. It works on the system that runs on DATA_DIR (default .local).")
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('Add --help for how to use it.')
  .addCommand(tokenCommand())
  .addCommand(namespaceCommand())
  .addCommand(collaboratorCommand())
  .addCommand(webhookCommand())
  .addCommand(eventCommand());

const PLAIN = [CommandError, StartError, ValidationError, RefusalError];

try {
  await program.parseAsync();
} catch (error) {
  if (!PLAIN.some((kind) => error instanceof kind)) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
