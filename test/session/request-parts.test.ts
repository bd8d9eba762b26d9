import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import { readBody } from '../../lib/session/body';
import { cookieOf, readCookie } from '../../lib/session/cookie';
import { inTurn } from '../../lib/session/express';

const form = 'application/x-www-form-urlencoded';

const requestOf = (stream: Readable, length: number, more: object = {}): Request =>
  Object.assign(stream, {
    method: 'POST',
    headers: { 'content-type': form, 'content-length': String(length) },
    ...more,
  }) as unknown as Request;

const silent = (): Readable => new Readable({ read: () => undefined });

describe('A body', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('whose rest never comes is refused after ten seconds, not waited for', async () => {
    const stream = silent();
    stream.push('code=12');
    const refusal = readBody(requestOf(stream, 11));
    jest.advanceTimersByTime(10_000);
    expect(await refusal).toMatchObject({ ok: false, code: 'malformed', field: 'body' });
    stream.destroy();
  });

  it('that is read leaves no timer behind', async () => {
    const req = requestOf(Readable.from([Buffer.from('code=123456')], { objectMode: false }), 11);
    expect(await readBody(req)).toBeNull();
    expect(req.body).toMatchObject({ code: '123456' });
    expect(jest.getTimerCount()).toBe(0);
  });

  // The adapters of serverless platforms make a request out of an event.
  it('that lies there as bytes is taken, also where the stream was never touched', async () => {
    const req = requestOf(silent(), 11, { body: Buffer.from('code=123456'), complete: true });
    expect(await readBody(req)).toBeNull();
    expect(req.body).toMatchObject({ code: '123456' });
  });

  it('of a GET is left alone', async () => {
    const req = requestOf(silent(), 11, { method: 'GET' });
    expect(await readBody(req)).toBeNull();
    expect(req.readableFlowing).toBeNull();
  });
});

const name = '__Host-2fa-browser-123456';

describe('A cookie of ours is read', () => {
  it.each([
    ['alone', `${name}=ours`],
    ['among others', `theme=dark; ${name}=ours; a=b`],
    ['without space between', `theme=dark;${name}=ours;a=b`],
    ['with space and tab around', `theme=dark; \t ${name} \t=\t ours \t; a=b`],
    ['beside one without a name', `${name}; =${name}; ${name}=ours`],
  ])('%s', (_how, header) => {
    expect(readCookie(header, name)).toBe('ours');
  });

  it('up to the end, whatever is in it', () => {
    expect(readCookie(`${name}=a=b c`, name)).toBe('a=b c');
    expect(readCookie(`${name}=`, name)).toBe('');
  });

  // What JavaScript trims as space and `\s` matches, and browsers take for letters of a name.
  it.each([
    '\u00a0',
    '\u000b',
    '\u000c',
    '\u0085',
    '\ufeff',
    '\u2003',
    '\u0000',
    Buffer.from('\u2003').toString('latin1'),
  ])('under no other name, be it by a space that is none: %j', (blank) => {
    for (const planted of [`${blank}${name}`, `${name}${blank}`, ` ${blank} ${name}`]) {
      expect(readCookie(`${planted}=planted`, name)).toBeNull();
      expect(readCookie(`${planted}=planted; ${name}=ours`, name)).toBe('ours');
    }
  });

  it.each(['x' + name, name.toLowerCase(), name.slice(1), `${name}x`, encodeURIComponent(`"${name}"`)])(
    'under no other name: %s',
    (other) => {
      expect(readCookie(`${other}=planted`, name)).toBeNull();
    },
  );

  it('not where there are two of one name, in whatever order: one of them was planted', () => {
    expect(readCookie(`${name}=ours; a=b; ${name}=planted`, name)).toBeNull();
    expect(readCookie(`${name}=planted;\t${name}=ours`, name)).toBeNull();
    expect(readCookie(`${name}=ours; ${name}=ours`, name)).toBeNull();
  });

  it('without looking at any letter again and again, however many blanks are sent', () => {
    const blanks = ' '.repeat(400_000);
    expect(readCookie(`${name}=${blanks}x; ${blanks}${name}y=${';'.repeat(1000)}${blanks}`, name)).toBe('x');
  });

  it('not of a request that has none', () => {
    const cookie = cookieOf(new URL('https://admin.example.com'), { name: 'x', seconds: 1, sameSite: 'Lax' });
    expect(cookie.read({ headers: {} } as IncomingMessage)).toBeNull();
  });
});

const run = (...handlers: RequestHandler[]): Promise<unknown> =>
  new Promise((resolve) => {
    void inTurn(...handlers)({} as Request, {} as Response, resolve);
  });

describe('Handlers in turn', () => {
  it('run one after the other, those that wait too, and then what follows', async () => {
    const seen: string[] = [];
    const note =
      (who: string): RequestHandler =>
      (_req, _res, next) => {
        seen.push(who);
        next();
      };
    const later: RequestHandler = (_req, _res, next) => {
      setImmediate(() => note('later')(_req, _res, next));
    };
    expect(await run(note('first'), later, note('last'))).toBeUndefined();
    expect(seen).toEqual(['first', 'later', 'last']);
  });

  it('end with the one that answers', async () => {
    const next = jest.fn();
    const last = jest.fn();
    await inTurn(() => undefined, last)({} as Request, {} as Response, next);
    expect([last.mock.calls, next.mock.calls]).toEqual([[], []]);
  });

  it.each([
    ['given', (_req: Request, _res: Response, next: (error?: unknown) => void) => next(new Error('no'))],
    [
      'thrown',
      () => {
        throw new Error('no');
      },
    ],
    [
      'given after a wait',
      (_req: Request, _res: Response, next: (error?: unknown) => void) =>
        void setImmediate(() => next(new Error('no'))),
    ],
  ])('skip the rest after an error that is %s', async (_how, wrong) => {
    const last = jest.fn();
    const waits: RequestHandler = (_req, _res, next) => {
      setImmediate(next);
    };
    expect(await run(waits, wrong, last)).toEqual(new Error('no'));
    expect(last).not.toHaveBeenCalled();
  });
});
