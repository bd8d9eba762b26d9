import { memorySender, type EventName, type MemorySender, type Message, type SentMessage } from '../../lib';
import { browser, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { hostApp, type HostApp } from '../support/host-app';
import { until } from '../support/within';

type Given = NonNullable<Parameters<typeof hostApp>[0]>;

export interface ToldApp extends HostApp {
  /** Everything that was sent, codes and notices. */
  readonly mail: MemorySender;
  /** The notices so far, oldest first, once all that are under way have been sent. */
  told(): Promise<readonly SentMessage[]>;
  readonly events: readonly { readonly name: EventName; readonly [detail: string]: unknown }[];
}

export const contactOf = (name: string): string => `${name}@example.com`;

/** An app that names the mailbox of each user. */
export function toldApp(given: Given = {}, routes?: Parameters<typeof hostApp>[1]): ToldApp {
  const mail = memorySender({ keep: 2000 });
  const host = hostApp(
    {
      email: { send: mail, codes: false },
      ...given,
      users: given.users ?? {
        id: (user) => user.id,
        name: (user) => user.name,
        contacts: (user) => [{ channel: 'email', address: user.name }],
      },
    },
    routes,
  );
  const events: { name: EventName }[] = [];
  for (const name of LISTENED) host.twoFactor.on(name, (event) => events.push({ ...event, name }));
  return {
    ...host,
    mail,
    events,
    told: async () => {
      await until(2_000, 'the outbox to be tried', () => isQuiet(host));
      return mail.sent.filter((message) => message.id !== undefined).toReversed();
    },
  };
}

const LISTENED: readonly EventName[] = [
  'notice.sent',
  'notice.failed',
  'notice.dropped',
  'contacts.changed',
  'contacts.failed',
];

/** Nothing in any outbox is being tried for the first time. */
async function isQuiet({ options }: HostApp): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  for await (const { outbox = [] } of options.accounts.all())
    if (outbox.some(({ tries, at, dueAt }) => tries === 1 && dueAt - at === FIRST)) return false;
  return true;
}

const FIRST = 2 * 60_000;

/** ann, with an authenticator app, in her own browser; what she was told of that is over. */
export async function annEnrolled(
  host: ToldApp,
): Promise<{ agent: BrowserAgent; secret: string; backupCodes: string[] }> {
  const agent = browser(host.app);
  await agent.signIn('ann').expect(200);
  const { secret, backupCodes } = await enrolTotp(agent, host.clock.now());
  return { agent, secret, backupCodes };
}

export const subjects = (messages: readonly Message[]): string[] =>
  messages.map((message) => ('subject' in message ? message.subject : message.text));
