import type { UserId } from '../account/account';
import { isYoung } from '../core/age';
import type { EpochNumber, Login, LoginKey, Pending, UserKey } from '../stores/contracts';
import { BoundedMap } from '../stores/bounded-map';

/** How often a process extends the life of a login record, ms. */
const SLIDE_EVERY = 60_000;
/** By how much a record outlives its session, ms: it may be extended a minute late, or two if a clock was set back. */
export const SPARE = 2 * 60_000;
/** How many sessions a process remembers; about 300 bytes each. */
const MOST_NOTES = 10_000;

/** What a process remembers of a session it has seen: which keys to ask for. Only a hint; nothing is decided by it. */
export interface SessionNote {
  readonly key: LoginKey;
  readonly userId: UserId;
  readonly user: UserKey;
  /** How long the session lives, ms. */
  readonly life: number;
  /** When this process last extended the life of the record. */
  readonly slidAt: number;
}

/** A record and a number requested together with the session they belong to. */
export class Ahead {
  private answer: { readonly login: Login | null; readonly epoch: EpochNumber } | null = null;
  private isOver = false;
  private tell: (() => void) | null = null;
  private readonly askedAt = performance.now();

  constructor(
    readonly of: ReadAhead,
    readonly sessionId: string,
    readonly note: SessionNote,
  ) {}

  /** @returns null while there is no answer, and for good if there will be none or it is too old */
  get answered(): { readonly login: Login | null; readonly epoch: EpochNumber } | null {
    return performance.now() - this.askedAt > this.of.deadline ? null : this.answer;
  }

  /** Resolves when there is an answer, or when it is certain that none will come. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOver) resolve();
      else this.tell = resolve;
    });
  }

  take(error: unknown, login: Login | null, epoch: EpochNumber): void {
    this.isOver = true;
    if (!error) this.answer = { login, epoch };
    this.tell?.();
  }
}

/**
 * Requests the login record and the epoch number of a session in the same tick as the session itself, so that a gated
 * request waits for nothing of ours. Both are read after the request has arrived, so the answer holds for a moment
 * within it.
 */
export class ReadAhead {
  private readonly notes = new BoundedMap<string, SessionNote>(MOST_NOTES);
  private readonly read: (ahead: Ahead) => void;

  /** @param deadline how long an answer may be used, ms: as long as a request may wait for its stores */
  constructor(
    pending: Pending,
    private readonly now: () => number,
    readonly deadline: number,
  ) {
    this.read = readerOf(pending);
  }

  /** @returns null if the session is not known here, or its record is due to be extended */
  ask(sessionId: string): Ahead | null {
    const note = this.notes.get(sessionId);
    if (!note || !isYoung(note.slidAt, SLIDE_EVERY, this.now())) return null;
    const ahead = new Ahead(this, sessionId, note);
    try {
      this.read(ahead);
    } catch {
      // A store that throws instead of answering must not take the session with it.
      return null;
    }
    return ahead;
  }

  note(sessionId: string, note: SessionNote): void {
    this.notes.set(sessionId, note);
  }

  forget(sessionId: string): void {
    this.notes.delete(sessionId);
  }
}

function readerOf({ logins, epochs, together }: Pending): (ahead: Ahead) => void {
  if (together?.logins === logins && together.epochs === epochs) {
    return (ahead) =>
      together.read(ahead.note.key, ahead.note.user, (error, login, epoch) =>
        ahead.take(error, login, epoch),
      );
  }
  const both = async ({ key, user }: SessionNote) => Promise.all([logins.read(key, null), epochs.read(user)]);
  return (ahead) => {
    both(ahead.note).then(
      ([login, epoch]) => ahead.take(null, login, epoch),
      () => ahead.take(true, null, null),
    );
  };
}
