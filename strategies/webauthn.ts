import { ProofStrategy } from './base';

/** `webauthn`: what the browser says of one of the user's security keys, in the field `response`. */
export class WebauthnStrategy extends ProofStrategy {
  readonly name = 'webauthn';
}
