import { run } from '../../lib/cli/run';

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Given {
  /** The text of a file called `users.txt`. */
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What a module called `config.mjs` exports. */
  readonly config?: unknown;
  readonly isTTY?: boolean;
}

/** Calls the command line in this process: `cli('audit --verify')`. What stands between quotes is one word. */
export async function cli(
  line: string,
  { env = {}, config, isTTY = false, file }: Given = {},
): Promise<Answer> {
  const written = { out: '', err: '' };
  const code = await run(
    (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')),
    {
      env,
      out: { write: (text) => (written.out += text) },
      err: { write: (text) => (written.err += text), isTTY },
      load: async (path) => {
        if (path !== 'config.mjs' || config === undefined) throw new Error(`no ${path} with a secret in it`);
        return config;
      },
      read: async (path) => {
        if (path !== 'users.txt' || file === undefined) throw new Error(`no ${path} with a secret in it`);
        return file;
      },
    },
  );
  return { code, ...written };
}
