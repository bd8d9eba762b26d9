import type { UserId } from '../account/account';
import type { ExitCode } from './io';
import type { Opened } from './open';
import type { Progress } from './progress';

export interface Job extends Opened {
  /** null: none was named. */
  readonly user: UserId | null;
  /** The flags that were given. */
  readonly flags: ReadonlySet<string>;
  readonly isJson: boolean;
  readonly progress: Progress;
  /** Writes a line. */
  print(this: void, line: string): void;
}

export interface Command {
  /** What follows its name. */
  readonly usage: string;
  readonly summary: string;
  /** Names of its own flags. */
  readonly flags: readonly string[];
  readonly needsUser: boolean;
  run(job: Job): Promise<ExitCode>;
}
