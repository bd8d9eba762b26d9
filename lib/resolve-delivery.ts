import { SEND_LIMITS, type SendLimits } from './delivery/budgets';
import type { DeliveryOptions } from './delivery/delivery';
import { isPhoneRegion } from './delivery/phones';
import { LONGEST_SMS_HOST } from './delivery/sms-text';
import { duration } from './duration';
import {
  allowFunctions,
  bad,
  refuseUnknown,
  requireFunctions,
  requireObject,
  whole,
  within,
} from './option-checks';
import type { SecondFactorOptions } from './options';

type Given = Pick<SecondFactorOptions<unknown>, 'sms' | 'email' | 'sends'>;

/** The options of sending, checked. The tables of phone numbers are loaded only where an app sends text messages. */
export function resolveDelivery(given: Given, appName: string, host: string): DeliveryOptions {
  refuseUnknown('sms.', requireObject('sms', given.sms), ['send', 'regions', 'defaultRegion']);
  refuseUnknown('email.', requireObject('email', given.email), ['send']);
  refuseUnknown('sends.', requireObject('sends', given.sends), [
    'limits',
    'timeout',
    'leastUsed',
    'beforeSend',
  ]);
  const { timeout = '10s', leastUsed = 0.3 } = given.sends ?? {};
  allowFunctions('sends.', given.sends ?? {}, ['beforeSend']);
  if (!(leastUsed >= 0 && leastUsed <= 1))
    throw bad('sends.leastUsed is no share.', 'Give sends: { leastUsed: 0.3 }, between 0 and 1.');
  return {
    sms: given.sms ? sms(given.sms, host) : null,
    email: given.email ? { send: sender('email', given.email) } : null,
    limits: limits(given.sends?.limits),
    timeout: within('sends.timeout', duration('sends.timeout', timeout), 100, 60_000),
    beforeSend: given.sends?.beforeSend?.bind(given.sends) ?? null,
    leastUsed,
    appName,
    host,
  };
}

function sms(given: NonNullable<Given['sms']>, host: string): DeliveryOptions['sms'] {
  const { regions = null, defaultRegion = null } = given;
  if (host.length > LONGEST_SMS_HOST)
    throw bad(
      'sms: the host of origin is too long.',
      `A text message has room for ${LONGEST_SMS_HOST} letters of it.`,
    );
  if (regions !== null && (!Array.isArray(regions) || regions.length === 0))
    throw bad(
      'sms.regions is no list.',
      "Give sms: { regions: ['CZ', 'SK'], … }, or leave it out for everywhere.",
    );
  for (const region of regions ?? []) requireRegion('sms.regions', region);
  if (defaultRegion !== null) requireRegion('sms.defaultRegion', defaultRegion);
  return { send: sender('sms', given), regions, defaultRegion };
}

function requireRegion(option: string, region: unknown): void {
  if (typeof region === 'string' && isPhoneRegion(region)) return;
  throw bad(`${option} names no region.`, `Give ${option} by ISO 3166, in capitals, such as 'CZ'.`);
}

function sender<Send>(option: string, given: { readonly send: Send }): Send {
  requireFunctions(option, given, ['send']);
  return given.send;
}

function limits(given: NonNullable<Given['sends']>['limits'] = {}): SendLimits {
  const names = Object.keys(SEND_LIMITS) as (keyof SendLimits)[];
  refuseUnknown('sends.limits.', requireObject('sends.limits', given), names);
  const limitOf = (name: keyof SendLimits) => {
    const own = given[name];
    if (own === undefined) return SEND_LIMITS[name];
    const option = `sends.limits.${name}`;
    requireObject(option, own, `Give ${option} as { sends: 100, per: '1h' }, or leave it out.`);
    return {
      sends: whole(`${option}.sends`, own.sends, 1, 1_000_000),
      per: within(`${option}.per`, duration(`${option}.per`, own.per), 60_000, 7 * 86_400_000),
    };
  };
  return {
    user: limitOf('user'),
    address: limitOf('address'),
    unproven: limitOf('unproven'),
    ip: limitOf('ip'),
    prefix: limitOf('prefix'),
    country: limitOf('country'),
    app: limitOf('app'),
  };
}
