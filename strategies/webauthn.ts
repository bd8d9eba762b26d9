import { ProofStrategy } from './base';

/** `webauthn`: the browser's answer from one of the user's security keys, in the field `response`. */
export class WebauthnStrategy extends ProofStrategy {
  readonly name = 'webauthn';
}
