import type { Request, RequestHandler, Response } from 'express';
import { inTurn } from '../../lib/session/express';

const run = (...handlers: RequestHandler[]): Promise<unknown> =>
  new Promise((resolve) => {
    void inTurn(...handlers)({} as Request, {} as Response, resolve);
  });

describe('Handlers in turn', () => {
  it('run one after the other, those that wait too, and then what follows', async () => {
    const seen: string[] = [];
    const note =
      (name: string): RequestHandler =>
      (_req, _res, next) => {
        seen.push(name);
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
