import { memorySender, type SentMessage } from '../../../lib';
import { openRequest } from '../../../lib/account/recovery';
import { adminHost, type AdminHost, base, reason, type Worker } from '../../admin/a-desk';
import { type BrowserAgent, browser } from '../../support/browser-agent';
import { minutes } from '../../support/clock';
import { until } from '../../support/within';

export const annsMail = 'ann@example.com';
export const annsPhone = '+420603123456';
export const foreign = 'stranger@elsewhere.example';

/** Where messages of ann's, or of whoever attacks her, arrive. */
type Box = typeof annsMail | typeof annsPhone | typeof foreign;

export interface Office extends AdminHost {
  /** What arrived there, newest first. */
  inbox(box: Box): readonly SentMessage[];
  codeAt(box: Box): string;
  /** The links of this kind, newest first. */
  linksAt(box: Box, leadsTo: 'cancel' | 'ticket' | 'requests'): readonly string[];
  /** The mailbox that the app names from now on. */
  move(mailbox: string): void;
  /** What is due is done. */
  later(ms: number): Promise<void>;
  /** Whether anybody got in; the state of the request at last. */
  state(): Promise<string | undefined>;
}

/** An app with reviewers, where ann has an app, a mailbox and a phone. */
export async function office(): Promise<Office> {
  const sms = memorySender({ keep: 2000 });
  let mailbox: string = annsMail;
  const host: AdminHost = await adminHost({
    options: {
      newBrowser: 'off',
      sms: { send: sms, defaultRegion: 'CZ' },
      users: {
        id: (user) => user.id,
        name: (user) => user.name,
        byIdentifier: (name) => host.users.get(name),
        checkPassword: (_user, password) => password === 'right',
        contacts: ({ name }) =>
          name === annsMail
            ? [
                { channel: 'email', address: mailbox },
                { channel: 'sms', address: annsPhone, since: 1 },
              ]
            : [],
      },
    },
  });
  const inbox = (box: Box) => (box === annsPhone ? sms.sent : host.mails().filter(({ to }) => to === box));
  // She has signed in before: what is on file is known.
  await host.signedIn('ann');
  host.clock.move(40 * 24 * 60 * minutes);
  return {
    ...host,
    inbox,
    codeAt: (box) =>
      inbox(box)
        .filter(({ id }) => id === undefined)
        .flatMap(({ text }) => /(?<![\w-])\d{6}(?![\w-])/.exec(text) ?? [])[0] ?? '',
    linksAt: (box, leadsTo) =>
      inbox(box).flatMap(({ text }) =>
        [...text.matchAll(/\/2fa\/lost\/(\w+)\/[\w-]+/g)].flatMap(([path, to]) =>
          to === leadsTo ? [path] : [],
        ),
      ),
    move: (to) => void (mailbox = to),
    async later(ms) {
      host.clock.move(ms);
      await host.twoFactor.tick();
      await until(2_000, 'the notices to be sent', async () => {
        const { outbox = [] } = await host.accountOf('ann');
        return outbox.every(({ tries }) => tries > 1);
      });
    },
    async state() {
      const { recoveries: [newest] = [] } = await host.accountOf('ann');
      return newest?.state;
    },
  };
}

/** Somebody who asks for access in ann's name. */
export class Thief {
  private constructor(
    private readonly at: Office,
    readonly agent: BrowserAgent,
    readonly url: string,
    readonly reference: string,
    private readonly contact: Box,
  ) {}

  static async begins(at: Office, contact: Box, knowsPassword = false): Promise<Thief> {
    const agent = browser(at.app);
    if (knowsPassword) await agent.signIn('ann').expect(401);
    const channel = contact === annsPhone ? 'sms' : 'email';
    const { body } = await agent
      .post('/2fa/lost/requests', {
        lost: ['totp'],
        contact: { channel, address: contact },
        ...(!knowsPassword && { identifier: 'ann' }),
      })
      .expect(202);
    return new Thief(at, agent, body.statusUrl, body.reference, contact);
  }

  async confirms(): Promise<void> {
    await this.agent.post(`${this.url}/contact`, { code: this.at.codeAt(this.contact) }).expect(200);
  }

  async proves(kind: 'mail' | 'phone'): Promise<void> {
    await this.agent.post(`${this.url}/evidence`, { kind }).expect(202);
    const code = this.at.codeAt(kind === 'mail' ? annsMail : annsPhone);
    await this.agent.post(`${this.url}/evidence`, { kind, code }).expect(202);
  }

  async claims(kind: 'video' | 'certified' | 'esign'): Promise<void> {
    await this.agent.post(`${this.url}/evidence`, { kind }).expect(202);
  }

  async sum(): Promise<number> {
    const { body } = await this.agent.get(this.url).expect(200);
    return Number(body.evidence.sum);
  }
}

/** What one of the staff does with the open request: the state it is in then, or why not. */
export async function handles(
  at: Office,
  name: Worker,
  verb: 'recommend' | 'approve' | 'match',
): Promise<string> {
  const agent = await at.at(name);
  const request = openRequest(await at.accountOf('ann'));
  const path = `${base}/requests/${request?.reference}`;
  const item = request?.evidence.find(({ proven, verdict }) => !proven && !verdict);
  const answer =
    verb === 'match'
      ? await agent.post(`${path}/evidence/${item?.id}`, { verdict: 'match', note: 'Looks right.', reason })
      : await agent.post(`${path}/${verb}`, { reason, accountName: annsMail });
  const { error, state } = answer.body as {
    error?: { code: string; missing?: readonly string[]; state?: string };
    state?: string;
  };
  return error ? [error.code, ...(error.missing ?? [])].join(': ') : (state ?? '');
}
