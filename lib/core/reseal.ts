import type { Account, Browser, Factor, Sealed, UserId } from '../account/account';
import type { Recovery } from '../account/recovery';
import type { Seal } from '../crypto/seal';
import { factorKind } from './kind';
import type { Kinds, Rewrite } from './scope';

/** Every sealed value of an account, rewritten by `map`. */
function mapSealed(kinds: Kinds, account: Account, map: Rewrite): Account {
  const user = account.userId;
  const mapContact = <Place extends { readonly address: Sealed }>(place: Place): Place => ({
    ...place,
    address: map(place.address, { user, factor: '', purpose: 'contact' }),
  });
  const mapFactor = (factor: Factor): Factor =>
    factorKind(kinds, factor.type)?.mapSealed(factor, user, map) ?? factor;
  return {
    ...account,
    factors: account.factors.map(mapFactor),
    ...(account.suspended && { suspended: account.suspended.map(mapFactor) }),
    backupCodes: account.backupCodes && {
      ...account.backupCodes,
      codes: account.backupCodes.codes.map((code) => ({
        ...code,
        digest: map(code.digest, { user, factor: '', purpose: 'backup-code' }),
      })),
    },
    browsers: account.browsers.map((browser) => mapBrowser(browser, user, map)),
    ...(account.formerBrowsers && {
      formerBrowsers: account.formerBrowsers.map((digest) =>
        map(digest, { user, factor: '', purpose: 'browser' }),
      ),
    }),
    ...(account.contacts && { contacts: account.contacts.map(mapContact) }),
    ...(account.recoveries && { recoveries: account.recoveries.map((one) => mapRequest(one, user, map)) }),
    ...(account.liveCode && {
      liveCode: {
        ...account.liveCode,
        digest: map(account.liveCode.digest, { user, factor: 'live-code', purpose: 'request' }),
      },
    }),
    ...(account.outbox && {
      outbox: account.outbox.map((item) => ({ ...item, to: item.to.map(mapContact) })),
    }),
  };
}

function mapRequest(request: Recovery, user: UserId, map: Rewrite): Recovery {
  const { id, contact, text, letter, evidence } = request;
  const rewritten = (sealed: Sealed) => map(sealed, { user, factor: id, purpose: 'request' });
  return {
    ...request,
    contact: { ...contact, address: map(contact.address, { user, factor: '', purpose: 'contact' }) },
    ...(text && { text: rewritten(text) }),
    ...(letter && { letter: { ...letter, digest: rewritten(letter.digest) } }),
    evidence: evidence.map((item) => ({
      ...item,
      ...(item.facts && { facts: rewritten(item.facts) }),
      ...(item.voucher && { voucher: rewritten(item.voucher) }),
    })),
  };
}

function mapBrowser(browser: Browser, user: UserId, map: Rewrite): Browser {
  const { remembered } = browser;
  const rewritten = (digest: Sealed) => map(digest, { user, factor: '', purpose: 'browser' });
  const previous = remembered?.previous && {
    ...remembered.previous,
    digest: rewritten(remembered.previous.digest),
  };
  return {
    ...browser,
    digest: rewritten(browser.digest),
    ...(remembered && {
      remembered: {
        ...remembered,
        family: rewritten(remembered.family),
        ...(previous && { previous }),
      },
    }),
  };
}

/** Seals with the first key of the ring whatever an older one had sealed, so that the old key can be removed. */
export const reseal = (kinds: Kinds, account: Account, seal: Seal): Account =>
  sealedIn(kinds, account).every((sealed) => seal.isCurrent(sealed))
    ? account
    : mapSealed(kinds, account, (sealed, context) =>
        seal.isCurrent(sealed) ? sealed : seal.close(seal.open(sealed, context), context),
      );

export function sealedIn(kinds: Kinds, account: Account): Sealed[] {
  const found: Sealed[] = [];
  mapSealed(kinds, account, (sealed) => {
    found.push(sealed);
    return sealed;
  });
  return found;
}
