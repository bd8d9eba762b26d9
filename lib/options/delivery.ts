import { SEND_LIMITS, type SendLimits } from '../delivery/budgets';
import type { DeliveryOptions } from '../delivery/delivery';
import { isPhoneRegion } from '../delivery/phone';
import { channelOf } from '../delivery/sender-channel';
import { LONGEST_SMS_HOST } from '../delivery/sms-text';
import {
  bad,
  listOf,
  number,
  refuseUnknown,
  requireFunctions,
  requireGroup,
  requireObject,
  whole,
  within,
} from './checks';
import { cureOf, table } from './table';
import { duration, take } from './take';
import type { SecondFactorOptions } from './options';

type Given = Pick<SecondFactorOptions<unknown>, 'sms' | 'email' | 'sends'>;

/** Checks the options for sending. The phone number tables are loaded only if an app sends text messages. */
export function resolveDelivery(given: Given, appName: string, host: string): DeliveryOptions {
  requireGroup('sms', given.sms);
  requireGroup('email', given.email);
  requireGroup('sends', given.sends);
  const { timeout, leastUsed = table['sends.leastUsed'].fallback } = given.sends ?? {};
  return {
    sms: given.sms ? sms(given.sms, host) : null,
    email: given.email
      ? {
          send: sender('email', given.email),
          codes: take('email.codes', given.email.codes),
          notices: take('email.notices', given.email.notices),
        }
      : null,
    limits: limits(given.sends?.limits),
    timeout: take('sends.timeout', timeout),
    beforeSend: given.sends?.beforeSend?.bind(given.sends) ?? null,
    leastUsed: share('sends.leastUsed', leastUsed),
    appName,
    host,
  };
}

function sms(given: NonNullable<Given['sms']>, host: string): DeliveryOptions['sms'] {
  const { regions, defaultRegion } = given;
  if (host.length > LONGEST_SMS_HOST)
    throw bad(
      'sms: the host of origin is too long.',
      `Use one of at most ${LONGEST_SMS_HOST} characters: there is no room for more in a text message.`,
    );
  if (regions !== undefined && listOf('sms.regions', regions, 'region', isPhoneRegion).length === 0)
    throw bad('sms.regions is empty.', `${cureOf('sms.regions')} Leave it out to allow every country.`);
  if (defaultRegion !== undefined && !(typeof defaultRegion === 'string' && isPhoneRegion(defaultRegion)))
    throw bad('sms.defaultRegion is not a region.', cureOf('sms.defaultRegion'));
  return {
    send: sender('sms', given),
    regions: regions ?? null,
    defaultRegion: defaultRegion ?? null,
    notices: take('sms.notices', given.notices),
  };
}

function share(option: string, value: unknown): number {
  const given = number(option, value, cureOf(option));
  if (given >= 0 && given <= 1) return given;
  throw bad(`${option} is not a number between 0 and 1.`, cureOf(option));
}

function sender<Send extends object>(option: 'sms' | 'email', given: { readonly send: Send }): Send {
  requireFunctions(option, given, ['send']);
  if ((channelOf(given.send) ?? option) !== option)
    throw bad(
      `${option}.send is a sender of ${option === 'sms' ? 'e-mail' : 'text messages'}.`,
      cureOf(`${option}.send`),
    );
  return given.send;
}

function limits(given: NonNullable<Given['sends']>['limits'] = {}): SendLimits {
  requireGroup('sends.limits', given);
  const limitOf = (name: keyof SendLimits) => {
    const own = given[name];
    if (own === undefined) return SEND_LIMITS[name];
    const option = `sends.limits.${name}`;
    requireObject(option, own);
    refuseUnknown(`${option}.`, own, ['sends', 'per']);
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
