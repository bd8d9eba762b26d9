import { Readable } from 'node:stream';
import type { Request } from 'express';
import { readBody } from '../../lib/session/body';

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
