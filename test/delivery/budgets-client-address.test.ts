import express from 'express';
import request from 'supertest';
import { clientAddress } from '../../lib/delivery/client-address';

const of = (ip: unknown): string => clientAddress(ip as string);

describe('the address of a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:5678', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:C000:0207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
    ['64:ff9b::192.0.2.7', '192.0.2.7'],
  ])('is one for all spellings of an IPv4 one: %s', (ip, address) => {
    expect(of(ip)).toBe(address);
  });

  it.each([
    '2001:db8:0:7::1',
    '2001:DB8:0:7:ffff:ffff:ffff:ffff',
    '2001:0db8:0000:0007:0000:0000:0000:0001',
    '[2001:db8:0:7::1]:443',
    '[2001:db8:0:7::1]',
    '2001:db8:0:7::1%eth0',
    '2001:db8::7:1:2:3:4',
    '2001:db8:0:7::192.0.2.7',
  ])('is the /64 of an IPv6 one: %s', (ip) => {
    expect(of(ip)).toBe('2001:db8:0:7::/64');
  });

  it.each([
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::2', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::192.0.2.7', '0:0:0:0::/64'],
    ['fe80::1%25en0', 'fe80:0:0:0::/64'],
    ['2001:db8:0:8::1', '2001:db8:0:8::/64'],
  ])('keeps networks apart: %s', (ip, address) => {
    expect(of(ip)).toBe(address);
  });

  it.each([
    undefined,
    '',
    'unknown',
    '_hidden',
    'example.com',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:port',
    '[2001:db8::1',
    '2001:db8::1::2',
    ':::',
    '[1.2.3.4',
    '9'.repeat(100_000),
  ])('is one for all that cannot be read: %s', (ip) => {
    expect(of(ip)).toBe('unknown');
  });

  it('is what Express says it is: a header counts only where the app trusts its proxy', async () => {
    for (const [trust, forwarded, expected] of [
      [false, '198.51.100.1', '127.0.0.1'],
      [1, '198.51.100.1:5678', '198.51.100.1'],
      [1, '203.0.113.9, 198.51.100.1:5678', '198.51.100.1'],
      [1, '203.0.113.9, [2001:db8::1]:443', '2001:db8:0:0::/64'],
      [1, 'nonsense', 'unknown'],
    ] as const) {
      const app = express()
        .set('trust proxy', trust)
        .use((req, res) => {
          res.send(clientAddress(req.ip));
        });
      const { text } = await request(app).get('/').set('X-Forwarded-For', forwarded);
      expect(text).toBe(expected);
    }
  });
});
