export { secondFactor } from './second-factor';
export type { SecondFactor } from './api';
export type { AdminCalls, ByStaff } from './admin/calls';
export type { AdminAction } from './admin/office';
export type { RequestVerb } from './admin/requests';
export type { AdminOptions } from './options/admin';
export { memoryAccounts } from './stores/memory-accounts';
export { memoryPending } from './stores/memory-pending';
export { memoryActivity, type MemoryActivityOptions } from './stores/memory-activity';
export { memoryAudit } from './stores/memory-audit';
export { memoryEvidence } from './stores/memory-evidence';
export { fileEvidence, type FileEvidenceOptions } from './stores/file-evidence';
export { oddsPerYear, type GuessingOptions } from './account/odds';
export { SecondFactorError, statusOfCode, type ErrorCode, type Refusal, type RefusalDetails } from './errors';
export { TotpStrategy } from '../strategies/totp';
export { WebauthnStrategy } from '../strategies/webauthn';
export { OtpSmsStrategy } from '../strategies/otp-sms';
export { OtpEmailStrategy } from '../strategies/otp-email';
export { BackupCodeStrategy } from '../strategies/backup-code';
export { DeliveryError, type DeliveryErrorKind } from './delivery/message';
export type { Channel } from './account/account';
export type { EmailMessage, Message, Sender, SmsMessage } from './delivery/message';
export type { OutgoingCode } from './delivery/delivery';
export { consoleSender } from './delivery/senders/console';
export { fallback } from './delivery/senders/fallback';
export {
  memorySender,
  type MemorySender,
  type MemorySenderOptions,
  type SentMessage,
} from './delivery/senders/memory';
export type { Account, FactorType, ProofType, Rev, UserId } from './account/account';
export type { FactorStatus } from './core/status';
export type { AccountStatus, OpenRequest } from './core/status-of';
export type { ImportedFactor, StoredCredential } from './core/imported-factor';
export type { KeyStatus } from './core/scope';
export type { Imported, ImportOptions } from './core/import-factor';
export type { EventName, Listener, RequestContext, SecondFactorEvents } from './events';
export type { Duration } from './options/take';
export type {
  AcceptedProof,
  ContactAddress,
  SecondFactorOptions,
  UserFunctions,
  WebauthnOptions,
  WebhookOptions,
} from './options/options';
export type { GateOptions } from './session/gate';
export type { RequestTwoFactor } from './session/request-state';
export type { ProofRequirement } from './session/require-proof';
export type {
  ActivityEntry,
  ActivityName,
  ActivityQuery,
  ActivityResult,
  ActivityStore,
} from './stores/activity';
export type { AuditChain, AuditStore } from './stores/audit';
export type { AuditRecord, ChainEnd, Pseudonym } from './account/audit';
export type { RequestFilter } from './account/requests-among';
export type { DocumentType, EvidenceDocument, EvidenceStore } from './stores/evidence';
export type {
  Accounts,
  Budget,
  BudgetStore,
  CodeStore,
  EpochNumber,
  EpochStore,
  Issued,
  KeyChallenge,
  Login,
  LoginKey,
  LoginStore,
  Pending,
  Proof,
  SentCode,
  SetupStore,
  Taken,
  TryStore,
  UserKey,
} from './stores/contracts';
