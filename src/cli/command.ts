import type { Argv, CommandModule } from 'yargs';

/** A command's flags and what it does; its name and place in the help are in main. */
export interface Command {
  readonly builder: (yargs: Argv) => Argv | Promise<Argv>;
  readonly handler: CommandModule['handler'];
}
