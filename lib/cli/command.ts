import type { UserId } from '../account/account';
import type { ExitCode } from './io';
import type { Opened } from './open';
import type { Progress } from './progress';

export interface Job extends Opened {
  /** null: none was named. */
  readonly user: UserId | null;
  /** The flags that were given. */
  readonly flags: ReadonlySet<string>;
  /** Its own options that were given, by name. */
  readonly values: ReadonlyMap<string, string>;
  readonly isJson: boolean;
  readonly progress: Progress;
  /** Writes a line. */
  print(this: void, line: string): void;
  /** The text of a file that was named. */
  read(this: void, path: string): Promise<string>;
}

export interface Command {
  /** What follows its name. */
  readonly usage: string;
  readonly summary: string;
  /** Names of its own flags. */
  readonly flags: readonly string[];
  /** Names of its own options that take a value. */
  readonly values: readonly string[];
  readonly user: 'needed' | 'optional' | 'none';
  /** Whether it tells people, for which it takes the whole app. */
  readonly needsApp: boolean;
  run(job: Job): Promise<ExitCode>;
}
