export { vonageSender, type VonageSenderOptions } from './delivery/senders/vonage';
