/** 0: done, or whole. 1: not. 2: it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** What it talks to: the process, or a test. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Loads a module by its path, relative to where it was called. */
  load(path: string): Promise<unknown>;
  /** The text of a file. */
  read(path: string): Promise<string>;
}

/** It was called wrongly: `message` says how, `help` what to do. */
export class WrongUse extends Error {
  constructor(
    message: string,
    readonly help: string,
  ) {
    super(message);
  }
}
