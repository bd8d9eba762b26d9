import type { SendLimits } from '../delivery/budgets';
import type { MemorySenderOptions } from '../delivery/senders/memory';
import type { SendgridSenderOptions } from '../delivery/senders/sendgrid';
import type { SmtpSenderOptions } from '../delivery/senders/smtp';
import type { VonageSenderOptions } from '../delivery/senders/vonage';
import type {
  BackupCodesOptions,
  BrandOptions,
  EvidenceOptions,
  LostAccessForm,
  LostAccessRequests,
  SecondFactorOptions,
  WebauthnOptions,
} from './options';
import type { GateOptions } from '../session/gate';
import type { ProofRequirement } from '../session/require-proof';
import type { TickOptions } from './tick';
import type { AcceptLoss } from '../stores/accept-loss';
import type { FileEvidenceOptions } from '../stores/file-evidence';
import type { MemoryActivityOptions } from '../stores/memory-activity';
import type { MemoryPendingOptions } from '../stores/memory-pending';
import type { MongoAccountsOptions } from '../stores/mongo-accounts';
import type { MongoActivityOptions } from '../stores/mongo-activity';
import type { MongoAuditOptions } from '../stores/mongo-audit';
import type { RedisPendingOptions } from '../stores/redis-pending';
import type { OptionName, Row, table } from './table';

type Options = SecondFactorOptions<unknown>;
type Parts<Name extends keyof Options> = Exclude<Options[Name], undefined | false>;
type Within<Name extends string, Of> = `${Name}.${keyof Of & string}`;

/** The options of `secondFactor()`, and those nested in them. */
type Own =
  | keyof Options
  | Within<'users', Options['users']>
  | Within<'totp', Parts<'totp'>>
  | Within<'backupCodes', BackupCodesOptions>
  | Within<'webauthn', WebauthnOptions>
  | Within<'webauthn.signCount', NonNullable<WebauthnOptions['signCount']>>
  | Within<'webauthn.attestation', NonNullable<WebauthnOptions['attestation']>>
  | Within<'sms', Parts<'sms'>>
  | Within<'email', Parts<'email'>>
  | Within<'sends', Parts<'sends'>>
  | Within<'sends.limits', SendLimits>
  | Within<'brand', BrandOptions>
  | Within<'lostAccess', Parts<'lostAccess'>>
  | Within<'lostAccess.form', LostAccessForm>
  | Within<'lostAccess.requests', LostAccessRequests>
  | Within<'lostAccess.evidence', EvidenceOptions>
  | Within<'csrf', Parts<'csrf'>>;

/** Other functions that take options, by name. */
interface Calls {
  protect: GateOptions;
  requireProof: ProofRequirement;
  tick: TickOptions;
  memoryAccounts: AcceptLoss;
  memoryPending: MemoryPendingOptions;
  mongoAccounts: MongoAccountsOptions;
  memoryActivity: MemoryActivityOptions;
  memoryEvidence: AcceptLoss;
  fileEvidence: FileEvidenceOptions;
  mongoActivity: MongoActivityOptions;
  memoryAudit: AcceptLoss;
  mongoAudit: MongoAuditOptions;
  redisPending: RedisPendingOptions;
  memorySender: MemorySenderOptions;
  sendgridSender: SendgridSenderOptions;
  smtpSender: SmtpSenderOptions;
  vonageSender: VonageSenderOptions;
}
type OfCalls = { [Name in keyof Calls]: Name | Within<Name, Calls[Name]> }[keyof Calls];

/** An option without a row, or a row for an option that no type has, does not compile. */
type Same<Typed extends OptionName, Rows extends Readonly<Record<Typed, Row>>> = keyof Rows extends Typed
  ? Typed
  : never;

/** Every option anywhere, as errors name it. */
export type OptionPath = Same<Own | OfCalls, typeof table>;
