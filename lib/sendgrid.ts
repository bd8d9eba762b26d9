export { sendgridSender, type SendgridSenderOptions } from './delivery/senders/sendgrid';
