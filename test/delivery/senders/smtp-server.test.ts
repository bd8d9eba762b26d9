import { smtpServer } from '../../../lib/delivery/senders/smtp-server';

describe('The address of a mail server', () => {
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, secure: false, isLocal: false }],
    ['smtps://mail.example.com/', { host: 'mail.example.com', port: 465, secure: true, isLocal: false }],
    ['smtp://mail.example.com:2525', { port: 2525 }],
    ['smtp://localhost:1025', { host: 'localhost', isLocal: true }],
    ['smtp://127.0.0.1', { isLocal: true }],
    ['smtp://[::1]:25', { host: '::1', port: 25, isLocal: true }],
    ['smtp://127.0.0.1.example.com', { isLocal: false }],
    ['smtp://localhost.example.com', { isLocal: false }],
    ['smtps://a%40b:p%3A%20%2F@mail.example.com', { auth: { user: 'a@b', pass: 'p: /' } }],
  ])('%s is read', (url, expected) => {
    expect(smtpServer(url)).toMatchObject(expected);
  });
});
