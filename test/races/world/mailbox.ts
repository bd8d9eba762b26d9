import { DeliveryError, type Message, type Sender } from '../../../lib';
import type { Stage } from '../explorer/stage';

/** Where the mails with codes go. Handing one over is a step, as the provider is a server too. */
export class Mailbox {
  /** The provider may take a mail or refuse it. */
  mayRefuse = false;
  /**
   * Handing over a notice is a step only in races about notices. Elsewhere it never ends, so that what follows it does not
   * mix with the steps of whoever caused it.
   */
  onNotice: 'takes' | 'refuses' | 'ignores' = 'ignores';
  private codes: readonly string[] = [];
  private before: readonly string[] = [];
  private ids: readonly string[] = [];

  constructor(private readonly stage: Stage) {}

  readonly send: Sender<Message> = async ({ id, text }) => {
    if (id !== undefined) return this.takeNotice(id);
    const link = /\/2fa\/browser\/\S+$/m.exec(text)?.[0];
    const code = link ?? /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0] ?? '';
    const ways = () => (this.mayRefuse ? 2 : 1);
    const isTaken = await this.stage.call(
      { name: 'mail.send', touches: [['mail', 'add']], ways },
      async (way) => {
        if (way === 0) this.codes = [...this.codes, code];
        return way === 0;
      },
    );
    if (!isTaken) throw new DeliveryError('rejected');
  };

  private async takeNotice(id: string): Promise<void> {
    if (this.onNotice === 'ignores') await new Promise(() => undefined);
    if (this.onNotice === 'refuses') throw new DeliveryError('network');
    await this.stage.call({ name: 'mail.notice', touches: [['mail', 'add']] }, async () => {
      this.ids = [...this.ids, id];
    });
  }

  /** The ids of the notices in it. */
  get notices(): readonly string[] {
    return this.ids;
  }

  /** What its owner finds in it, in no order: which mail comes first is up to the network. */
  read(): Promise<readonly string[]> {
    return this.stage.call({ name: 'mail.read', touches: [['mail', 'read']] }, async () => this.inNoOrder);
  }

  get newestLink(): string {
    return this.codes.findLast((code) => code.startsWith('/')) ?? '';
  }

  get newest(): string {
    return this.codes.at(-1) ?? '';
  }

  /** How many have left since the start of this run. */
  get count(): number {
    return this.codes.length - this.before.length;
  }

  get text(): string {
    return [...this.inNoOrder, ...this.ids.toSorted()].join();
  }

  keep(): void {
    this.before = this.codes;
    this.ids = [];
  }

  reset(): void {
    this.codes = this.before;
    this.ids = [];
  }

  private get inNoOrder(): readonly string[] {
    return this.codes.toSorted();
  }
}
