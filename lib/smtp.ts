export { smtpSender, type SmtpSenderOptions } from './delivery/senders/smtp';
