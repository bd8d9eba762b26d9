import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import express, { type Request, type RequestHandler, type Response } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { readUpload, type Upload } from '../../lib/session/multipart';
import { readBody } from '../../lib/session/body';
import { refuse, SecondFactorError, type Refusal } from '../../lib/errors';

interface Storage {
  memoryStorage(): object;
}
type Multer = Storage &
  ((options?: { storage?: object; dest?: string }) => {
    none(): RequestHandler;
    any(): RequestHandler;
    single(name: string): RequestHandler;
    fields(all: readonly { name: string }[]): RequestHandler;
  });
const multer = jest.requireActual<Multer>('multer');

const MOST = 20_000;
const type = (boundary = 'x'): string => `multipart/form-data; boundary=${boundary}`;
const part = (headers: string, bytes: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from(`--x\r\n${headers}\r\n\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
const named = (name: string, bytes: string | Buffer = ''): Buffer =>
  part(`Content-Disposition: form-data; name="${name}"`, bytes);
const file = (bytes: string | Buffer): Buffer =>
  part(
    'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf',
    bytes,
  );
const body = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--x--\r\n')]);
const kind = named('kind', 'identity');

const broken = { ok: false, code: 'malformed', field: 'body' };
const wrongFile = (reason: string) => ({ ok: false, code: 'malformed', field: 'file', reason });

/** As an app would see it whose parser has left the bytes. */
const read = (bytes: Buffer, contentType = type()): Promise<Upload | Refusal> => {
  const req = { headers: { 'content-type': contentType }, body: bytes };
  return readUpload(req as unknown as Request, {} as Response, MOST, '192.0.2.1');
};
const fileOf = (result: Upload | Refusal): string => (result.ok ? result.file.toString('latin1') : 'refused');

describe('A form with a file', () => {
  it('gives its fields, and the bytes of its file as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const result = await read(body(kind, named('note', 'Příliš'), file(bytes)));
    if (!result.ok) throw new Error('refused');
    expect([...result.fields]).toEqual([
      ['kind', 'identity'],
      ['note', 'Příliš'],
    ]);
    expect(result.file).toEqual(bytes);
  });

  it('is read as Node itself writes it, whatever bytes are in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.string({ maxLength: 50 }),
        fc.string({ unit: 'binary', maxLength: 20 }),
        async (bytes, text, name) => {
          const form = new FormData();
          form.set('kind', text);
          form.set('file', new Blob([bytes]), name);
          const written = new Response(form);
          const result = await read(
            Buffer.from(await written.arrayBuffer()),
            written.headers.get('content-type') ?? '',
          );
          if (!result.ok) throw new Error('refused');
          expect(result.file.equals(bytes)).toBe(true);
          // Browsers send line breaks of fields as CRLF.
          expect(result.fields.get('kind')).toBe(text.toWellFormed().replace(/\r\n?|\n/g, '\r\n'));
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['bytes that look like a boundary', 'a\r\n--y\r\n--\r\n-x--'],
    ['line breaks at both ends', '\r\n\r\na\r\n\r\n'],
    ['an empty line and a header', '\r\n\r\nContent-Disposition: form-data; name="kind"\r\n\r\n'],
  ])('keeps %s', async (_what, bytes) => {
    expect(fileOf(await read(body(kind, file(bytes))))).toBe(bytes);
  });

  it.each([
    [
      'without quotes, as .NET sends it',
      "Content-Disposition: form-data; name=file; filename=a.pdf; filename*=utf-8''a.pdf",
    ],
    [
      'with a name of the file that has quotes',
      'Content-Disposition: form-data; name="file"; filename="a\\"; name=\\"x.pdf"',
    ],
    [
      'with a name of the file that names a path',
      'content-disposition:form-data;name="file";filename="../../a"',
    ],
    [
      'with other headers around',
      'X-A: b\r\nCONTENT-DISPOSITION: form-data; name="file"\r\nContent-Type: text/html',
    ],
  ])('takes a file %s', async (_what, headers) => {
    expect(fileOf(await read(body(part(headers, 'abc'))))).toBe('abc');
  });

  it.each([
    ['something before the first boundary', Buffer.concat([Buffer.from('before\r\n'), body(file('abc'))])],
    ['something after the last', Buffer.concat([body(file('abc')), file('def')])],
    ['no line break at the end', body(file('abc')).subarray(0, -2)],
    ['spaces after a boundary', Buffer.from(body(file('abc')).toString().replace('--x\r\n', '--x \t\r\n'))],
  ])('takes %s', async (_what, bytes) => {
    expect(fileOf(await read(bytes))).toBe('abc');
  });

  it.each([
    ['in quotes', type('"x"')],
    ['beside a character set', `${type()}; charset=utf-8`],
    ['in capitals', 'Multipart/Form-Data;BOUNDARY=x'],
  ])('takes a boundary %s', async (_what, contentType) => {
    expect(fileOf(await read(body(file('abc')), contentType))).toBe('abc');
  });

  it.each([
    ['there is none', body(kind), 'file_missing'],
    ['nothing is in the form', body(), 'file_missing'],
    ['it is empty, as browsers send it where none was chosen', body(kind, file('')), 'file_missing'],
    [
      'it is in another field',
      body(part('Content-Disposition: form-data; name="a"; filename="a"', 'x')),
      'file_missing',
    ],
    ['there are two', body(file('a'), file('b')), 'file_many'],
    ['it is a byte too big', body(file(Buffer.alloc(MOST + 1))), 'file_large'],
    ['the body is far too big', body(file(Buffer.alloc(MOST + 100_000))), 'file_large'],
  ])('is refused for its file where %s', async (_what, bytes, reason) => {
    expect(await read(bytes)).toEqual(wrongFile(reason));
  });

  it('takes a file that is as big as it may be', async () => {
    expect(await read(body(kind, file(Buffer.alloc(MOST))))).toMatchObject({ ok: true });
  });

  const whole = body(kind, file('abc'));
  it.each<[what: string, bytes: Buffer, contentType?: string]>([
    ['without a boundary', whole, 'multipart/form-data'],
    ['with an empty boundary', whole, type('')],
    ['with a boundary that is none', whole, type('"x\\y"')],
    ['with a boundary of 71 characters', whole, type('x'.repeat(71))],
    ['with two boundaries', whole, `${type('y')}; boundary=x`],
    ['with another boundary', whole, type('y')],
    ['without line feeds’ companions', Buffer.from(whole.toString().replaceAll('\r', ''))],
    ['without headers', Buffer.from('--x\r\n\r\nabc\r\n--x--')],
    ['with a part that has no name', body(part('Content-Disposition: form-data', 'x'), file('abc'))],
    [
      'with a part that has two names',
      body(part('Content-Disposition: form-data; name="a"; name="file"', 'x')),
    ],
    [
      'with two dispositions',
      body(
        part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="file"', 'x'),
      ),
    ],
    ['with an attachment', body(part('Content-Disposition: attachment; name="file"', 'x'))],
    ['with a field twice', body(kind, kind, file('abc'))],
    ['with a field that is too long', body(named('kind', 'x'.repeat(5_000)), file('abc'))],
    [
      'with headers that are too long',
      body(part(`Content-Disposition: form-data; name="file"\r\nX: ${'x'.repeat(3_000)}`, 'abc')),
    ],
    ['with too many parts', body(...Array.from({ length: 17 }, (_, at) => named(`a${at}`)), file('abc'))],
    ['with a longer boundary inside', Buffer.from(whole.toString().replace('abc', 'a\r\n--xy\r\nbc'))],
  ])('is refused %s', async (_what, bytes, contentType = type()) => {
    expect(await read(bytes, contentType)).toEqual(broken);
  });

  it('is refused wherever it is cut off', async () => {
    const end = whole.length - '--\r\n'.length;
    for (let at = 1; at < end; at += 1) expect(await read(whole.subarray(0, at))).toEqual(broken);
  });

  it('is refused or read, whatever bytes it is made of, in no more time than its length needs', async () => {
    const pieces = [
      '--x',
      '--',
      '\r\n',
      '\r\n\r\n',
      'Content-Disposition: form-data; name="file"',
      'a',
      ';',
      '"',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), async (all) => {
        await read(Buffer.from(all.join('')));
      }),
      { numRuns: 500 },
    );
    const started = performance.now();
    for (const flood of ['\r\n--', '\r\n--x', '--x\r\n\r\n', 'A: b\r\n'])
      await read(Buffer.from(`--x\r\n${flood.repeat(MOST / flood.length)}`));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe.each([
  ['Express 5', express],
  ['Express 4', jest.requireActual<typeof express>('express4')],
])('A form with a file, on %s', (_name, use) => {
  function app(...above: readonly RequestHandler[]) {
    const made = use();
    made.use(...above, (_req, _res, next) => next());
    made.post('/', (req, res, next) => {
      void (async () => {
        const unreadable = await readBody(req);
        const result = unreadable ?? (await readUpload(req, res, MOST, '192.0.2.1'));
        res.json(
          result.ok ? { ...Object.fromEntries(result.fields), file: result.file.toString('latin1') } : result,
        );
      })().catch(next);
    });
    made.use(((error: unknown, _req, res, _next) => {
      res.json({ thrown: error instanceof SecondFactorError ? error.code : 'other' });
    }) as express.ErrorRequestHandler);
    return made;
  }
  const post = (...above: readonly RequestHandler[]) =>
    request(app(...above))
      .post('/')
      .field('kind', 'identity')
      .attach('file', Buffer.from([1, 0, 255]), 'a.pdf');
  const received = { kind: 'identity', file: '\u0001\0ÿ' };

  const storage = multer.memoryStorage();
  it.each<[what: string, above: readonly RequestHandler[]]>([
    ['nothing', []],
    ['parsers of other types', [use.json(), use.urlencoded({ extended: true })]],
    ['a parser that leaves bytes', [use.raw({ type: '*/*', limit: '1mb' })]],
    ['someone who pauses it', [(req, _res, next) => (req.pause(), next())]],
    ['multer, one file', [multer({ storage }).single('file')]],
    ['multer, all files', [multer({ storage }).any()]],
    ['multer, files by field', [multer({ storage }).fields([{ name: 'file' }])]],
  ])('is read below %s', async (_what, above) => {
    const { body: said } = await post(...above).expect(200);
    expect(said).toEqual(received);
  });

  it('is told that it is broken where its bytes are lost', async () => {
    const { body: asText } = await post(use.text({ type: '*/*', limit: '1mb' }));
    expect(asText).toEqual(broken);
    const { body: gone } = await post((req, _res, next) => void req.on('end', next).resume());
    expect(gone).toEqual(broken);
  });

  it('is a mistake in the app’s set-up where multer has stored it elsewhere', async () => {
    const elsewhere: RequestHandler = (req, _res, next) => {
      Reflect.set(req, 'file', { fieldname: 'file', path: '/tmp/x' });
      next();
    };
    expect((await post(elsewhere)).body).toEqual({ thrown: 'wrong_setup' });
  });

  it('has no file where only fields were taken', async () => {
    const fields = request(app(multer().none())).post('/').field('kind', 'identity');
    expect((await fields).body).toEqual(wrongFile('file_missing'));
  });

  it('that is far too big is answered, and the connection can be used again', async () => {
    const server: Server = createServer(app()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const parts = body(kind, file(Buffer.alloc(2_000_000)));
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type()}\r\nContent-Length: ${parts.length}\r\n\r\n`,
    );
    socket.write(parts);
    expect(await answer(socket)).toContain('file_large');
    const small = body(kind, file('abc'));
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type()}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (const byte of small) socket.write(`1\r\n${String.fromCharCode(byte)}\r\n`);
    socket.write('0\r\n\r\n');
    expect(await answer(socket)).toContain('"file":"abc"');
    socket.destroy();
    server.close();
  });
});

/** What comes until an answer is complete. */
async function answer(socket: Socket): Promise<string> {
  let text = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString();
    if (text.includes('\r\n\r\n') && text.endsWith('}')) return text;
  }
}

describe('A form with a file whose client', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function begun(from = '192.0.2.1') {
    const stream = new Readable({ read: () => undefined });
    const req = Object.assign(stream, { method: 'POST', headers: { 'content-type': type() } });
    const set = jest.fn();
    const result = readUpload(
      req as unknown as Request,
      { headersSent: false, set } as unknown as Response,
      MOST,
      from,
    );
    return { stream, result, set };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('falls silent is answered after ten seconds, and the connection ends with it', async () => {
    const { stream, result, set } = begun();
    stream.push(kind);
    await turn();
    jest.advanceTimersByTime(10_000);
    expect(await result).toEqual(broken);
    expect(set).toHaveBeenCalledWith('Connection', 'close');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is slow is waited for, but not for ever', async () => {
    const { stream, result } = begun();
    for (let waited = 0; waited < 180_000; waited += 9_000) {
      stream.push('a');
      await turn();
      jest.advanceTimersByTime(9_000);
    }
    expect(await result).toEqual(broken);
  });

  it('hangs up is waited for no longer', async () => {
    const { stream, result } = begun();
    stream.push(kind);
    stream.destroy(new Error('aborted'));
    expect(await result).toEqual(broken);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends more than may be is told so before it is done, and the rest is thrown away', async () => {
    const { stream, result } = begun();
    stream.push(Buffer.alloc(MOST + 40_000));
    expect(await result).toEqual(wrongFile('file_large'));
    stream.push(Buffer.alloc(500_000));
    await turn();
    expect(stream.readableLength).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  const busy = refuse('busy', { field: 'file', reason: 'uploads_busy', retryAfter: 60 });

  it('sends many at once keeps nobody else waiting', async () => {
    const many = Array.from({ length: 40 }, () => begun('198.51.100.1'));
    for (const { result } of many.slice(4)) expect(await result).toEqual(busy);
    const { stream, result } = begun();
    stream.push(body(kind, file('abc')));
    stream.push(null);
    expect(fileOf(await result)).toBe('abc');
    for (const one of many) one.stream.destroy();
    await Promise.all(many.map((one) => one.result));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is one of many at once is told to come back, and taken once others are done', async () => {
    const others = Array.from({ length: 32 }, (_, at) => begun(`198.51.100.${at}`));
    expect(await begun().result).toEqual(busy);
    others[0]?.stream.destroy();
    expect(await others[0]?.result).toEqual(broken);
    const { stream, result } = begun();
    stream.push(body(kind, file('abc')));
    stream.push(null);
    expect(fileOf(await result)).toBe('abc');
    for (const one of others) one.stream.destroy();
    await Promise.all(others.map((one) => one.result));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is done leaves no timer behind', async () => {
    const { stream, result } = begun();
    stream.push(body(kind, file('abc')));
    stream.push(null);
    expect(fileOf(await result)).toBe('abc');
    expect(jest.getTimerCount()).toBe(0);
  });
});
