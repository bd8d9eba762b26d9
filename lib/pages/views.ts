import type { CodeType, FactorType, ProofType, Told } from '../account/account';
import type { AskCode, EvidenceKind, OwnerRules, RejectCode, Reply, RequestState } from '../account/recovery';
import type { BackupCodeCount } from '../account/backup-codes';
import type { LoginStatus } from '../core/login-list';
import type { OpenRequest } from '../core/status-of';
import type { Missing } from '../errors';
import type { RequestDetails } from '../admin/request';
import type { RequestView } from '../admin/request-view';
import type { RequestVerb } from '../admin/requests';
import type { UserDetails } from '../admin/user';
import type { ListedUser } from '../admin/users';
import type { FormContent } from '../recovery/form-content';
import type { Paper } from '../recovery/pdf';
import type { TextKey } from './catalogue';
import type { ActivityName, ActivityResult } from '../stores/activity';
import type { Notice } from './notice';

/** One enrolled factor as a page shows it; never a secret. Times in ms. */
export interface FactorView {
  readonly id: string;
  readonly type: FactorType;
  readonly label: string;
  readonly hint: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly preferred: boolean;
  /** Of security keys only. */
  readonly key: KeyView | null;
  /** An authenticator app from another system whose seed is short: it works, and should be replaced. */
  readonly weak?: true;
}

/** What people are told about a key, in their words and not in the standard's. */
export interface KeyView {
  /** `device`: built into a phone or computer. `portable`: a key to plug in or tap. null: not known. */
  readonly place: 'device' | 'portable' | null;
  /** It can be copied to the owner's other devices. */
  readonly synced: boolean;
  /** The domain it was made for, if that is another one, so that it can't be used here; else null. */
  readonly madeFor: string | null;
}

/** A way to give a proof, as the chooser and "try another way" list it. */
export interface WayView {
  readonly type: ProofType;
  /** Labels of what is enrolled of this type, such as `Anna's phone`; empty for backup codes. */
  readonly labels: readonly string[];
  /** For codes that are sent: where they would go, masked. */
  readonly hints: readonly string[];
  /** Backup codes only: how many are left. */
  readonly left?: number;
  readonly href: string;
}

/** What is wrong with a posted form. `code` picks the text `error.<code>` of the catalogue. */
export interface FormError {
  readonly code: string;
  readonly field: string | null;
  readonly triesLeft?: number;
  /** ms; when it can be tried again */
  readonly until?: number;
}

/** The step page: `sign-in` finishes a half login, `confirm` is "confirm it's you" of a complete one. */
export interface StepView {
  readonly mode: 'sign-in' | 'confirm';
  /** The last proof was a weak one, and something stronger is wanted. */
  readonly isTooWeak: boolean;
  readonly type: ProofType;
  /** What the page has a field for; null if it has none. */
  readonly field: 'code' | 'backup-code' | null;
  /** What the hint of the field depends on: `imported` backup codes may look like anything. */
  readonly hint: 'imported' | null;
  /** For security keys: which there are, and where the script gets a challenge (POST, JSON). */
  readonly keys: KeysView | null;
  /** For codes that are sent: where they can go, and the one that was sent. */
  readonly sending: SendingView | null;
  /** Masked: `a•••@example.com`. */
  readonly user: string;
  /** What the app calls the entry to look for: `WebAdmin`. TOTP only. */
  readonly entry: string | null;
  readonly to: string;
  readonly action: string;
  /** Where a GET shows it again. */
  readonly hereUrl: string;
  readonly error: FormError | null;
  /** Shown after two wrong codes, so that people can see whether their clock is off. ms */
  readonly serverTime: number | null;
  readonly chooseUrl: string | null;
  readonly shut: ShutView | null;
  /** The script says in the field `capable` whether this device could have a passkey. */
  readonly asksCapable: boolean;
  /** For how many days the user may choose not to be asked in this browser, and whether that is ticked; null: it may not. */
  readonly remember: { readonly days: number; readonly ticked: boolean } | null;
  /** Ends a half login, by POST. "Confirm it's you" is cancelled by a plain link back. */
  readonly cancelUrl: string;
}

export interface KeysView {
  readonly optionsUrl: string;
  readonly factors: readonly FactorView[];
  /** Other ways than keys: for browsers that can't use any. */
  readonly otherWays: readonly WayView[];
}

/** A code that was sent. Times in ms. */
export interface SentView {
  /** Masked: `•••••••89`. */
  readonly hint: string;
  readonly expiresAt: number;
  /** When the next one may be requested. */
  readonly resendAt: number;
  /** How long that is from now, for a browser whose clock may be wrong; 0 if it may be requested now. */
  readonly resendIn: number;
  /** Only for e-mail, which contains it too. */
  readonly reference: string | null;
}

export interface SendingView {
  /** The user's phones or mailboxes; if there are several, each has a button. */
  readonly destinations: readonly { readonly id: string; readonly label: string; readonly hint: string }[];
  readonly sendUrl: string;
  /** null: nothing was sent yet, or it no longer works. */
  readonly sent: SentView | null;
}

/** Codes that are not accepted, because a message there set the password or served as the first factor. */
export interface ShutView {
  readonly type: CodeType | 'both';
  /** What is said about what is left; null if there are other ways to choose from. */
  readonly text: 'backup-code' | 'nothing' | null;
}

export interface ChooseView {
  readonly mode: 'sign-in' | 'confirm';
  readonly user: string;
  readonly ways: readonly WayView[];
  readonly shut: ShutView | null;
  /** Something that would be there was stopped, by the link in a notice. */
  readonly stopped: boolean;
  /** Where a code from support is typed; null: there are none here. */
  readonly liveCodeUrl: string | null;
  readonly to: string;
  readonly cancelUrl: string;
}

/** The proof was right, in a browser never seen before: a link was sent, to be opened in this one. */
export interface WaitingView {
  readonly mode: 'sign-in';
  readonly type: 'link';
  /** Masked. */
  readonly user: string;
  /** Masked too; empty if none could be sent so far. */
  readonly sentTo: readonly string[];
  /** No other can be sent before the login ends. */
  readonly isOver: boolean;
  readonly channel: 'sms' | 'email';
  readonly sent: SentView;
  readonly sendUrl: string;
  /** Where a GET shows it again, and goes on once the link was used. */
  readonly hereUrl: string;
  /** null: there is no other way than the link. */
  readonly chooseUrl: string | null;
  readonly to: string;
  readonly cancelUrl: string;
  readonly error: FormError | null;
}

export interface EnrolTotpView {
  /** An inline SVG, safe to print as is. */
  readonly qr: string;
  /** Base32 in groups of four, separated by spaces. */
  readonly secret: string;
  readonly otpauthUrl: string;
  readonly issuer: string;
  /** The name of the entry, after the issuer's. */
  readonly account: string;
  /** The names of entries that the user's apps may already have. */
  readonly existing: readonly string[];
  /**
   * The form that starts again with a name for the entry, and what was typed into it; null if this login is too old for
   * that.
   */
  readonly naming: { readonly beginUrl: string; readonly typed: string } | null;
  readonly action: string;
  readonly cancelUrl: string;
  /** The first factor: backup codes follow as a third step. */
  readonly first: boolean;
  readonly error: FormError | null;
}

/** Adding a phone or a mailbox: first the address, then the code that was sent to it. */
export interface EnrolCodeView {
  readonly type: CodeType;
  /** What was typed, kept over an error. */
  readonly address: string;
  readonly sent: SentView | null;
  /** Where the code was sent, in full: its owner has only just typed it. */
  readonly sentTo: string | null;
  /** The address that was probably meant instead; null: nothing looks mistyped. */
  readonly meant: string | null;
  readonly sendUrl: string;
  readonly action: string;
  readonly cancelUrl: string;
  /** The first factor: backup codes follow as a third step. */
  readonly first: boolean;
  /** For the address form (field `address`) or for the code form. */
  readonly error: FormError | null;
}

/** Adding a security key or passkey. Its answer is posted as JSON text in the field `response`. */
export interface EnrolKeyView {
  /** Where the script gets a challenge: POST, JSON. */
  readonly optionsUrl: string;
  readonly action: string;
  readonly cancelUrl: string;
  /** Keys that already work here. */
  readonly added: readonly FactorView[];
  /** Whether it can then sign in by itself, without a password. */
  readonly passkeys: boolean;
  /** The first factor: backup codes follow as a third step. */
  readonly first: boolean;
  readonly error: FormError | null;
}

/** After a sign-in with something weaker: a passkey could be added. Shown where the device can have one. */
export interface OfferKeyView {
  readonly enrolUrl: string;
  /** Where the sign-in leads. */
  readonly to: string;
}

/** After a sign-in with a backup code. */
export interface CodeUsedView {
  readonly left: number;
  readonly replaceUrl: string;
  readonly codesUrl: string;
  /** Where the sign-in was to lead. */
  readonly to: string;
}

/**
 * What the browser is told about the user's keys, so that it offers those that work and no others (WebAuthn 3 §5.1.10).
 */
export interface SignalView {
  readonly rpId: string;
  /** The user handle, base64url. */
  readonly userId: string;
  readonly name: string;
  readonly credentialIds: readonly string[];
}

export interface BackupCodesView {
  /** The set waiting to be acknowledged; null if there is none to show. */
  readonly codes: readonly string[] | null;
  readonly account: string;
  /** The app's URL: on paper it tells this set from those of other sites. */
  readonly site: string;
  readonly createdAt: number;
  /** Acknowledging them switches two-factor authentication on. */
  readonly first: boolean;
  /** Acknowledging them gives access again, and what was there before is gone. */
  readonly regains: boolean;
  /** The first factor, whose set-up ends with these codes. */
  readonly type: FactorType | null;
  readonly acknowledgeUrl: string;
  readonly downloadUrl: string;
  readonly cancelUrl: string;
  /** About the set in force, if there is one. */
  readonly inForce: BackupCodeCount | null;
  readonly renewUrl: string;
  readonly error: FormError | null;
}

export interface TypeView {
  readonly type: FactorType;
  /** false: this type is not available yet or switched off, and is shown as such. */
  readonly available: boolean;
  readonly factors: readonly FactorView[];
  readonly enrolUrl: string;
  /** false if no more of this type can be added. */
  readonly canAdd: boolean;
  /** How many one may have, where that many are there; else null. */
  readonly full: number | null;
  /** A set-up was begun in this login, and left before its first code. */
  readonly unfinished: boolean;
  /** It is lost with the phone. */
  readonly isOnPhone: boolean;
}

/** What "Security and login" says about activity. Times in ms. */
export interface ActivityGlance {
  readonly url: string;
  /** null: none, as far back as one page goes, or nobody knows. */
  readonly lastChange: number | null;
  readonly now: number;
}

export interface SecurityView {
  readonly user: string;
  readonly enabled: boolean;
  readonly types: readonly TypeView[];
  readonly backupCodes: BackupCodeCount | null;
  readonly backupCodesUrl: string;
  /** A backup code was used, and nothing was done about it yet: where what may be lost is replaced. */
  readonly replaceUrl: string | null;
  /** A set-up that was begun and not finished. */
  readonly unfinishedUrl: string | null;
  /** What just happened, shown once: picks `notice.<code>` of the catalogue. */
  readonly notice: Notice | null;
  /** Factor pages are at `${factorUrl}/${id}`. */
  readonly factorUrl: string;
  readonly signOutEverywhereUrl: string;
  /** Nothing can be changed until then (ms): something was objected to. */
  readonly held: { readonly until: number; readonly liftUrl: string } | null;
  /** What was suspended by that. Its page is below `factorUrl`. */
  readonly suspended: readonly { readonly id: string; readonly label: string }[];
  /** Those that the account knows, which have a page of their own. */
  readonly browsers: { readonly count: number; readonly url: string };
  /** The same of the logins in force. */
  readonly logins: { readonly count: number; readonly url: string };
  /** null: nothing is kept of what happens. */
  readonly activity: ActivityGlance | null;
  /** Where its owner decides in advance about such requests; null: there are none here. */
  readonly ownerAccessUrl: string | null;
  /** Where somebody else's request waits for this user's word; null: none does. */
  readonly vouchersUrl: string | null;
  /** null: the user never had a key, or keys are off. */
  readonly signal: SignalView | null;
}

/** An open request for access, as the owner of the account sees it. */
export interface RequestBanner extends Pick<OpenRequest, 'reference' | 'startedAt' | 'earliestAt'> {
  readonly stopUrl: string;
}

/** What an owner decides in advance. */
export interface OwnerAccessView {
  readonly rules: OwnerRules;
  readonly kinds: readonly string[];
  readonly waits: readonly number[];
  readonly url: string;
  readonly notice: Notice | null;
  readonly error: FormError | null;
}

/** Requests of other people of the same customer account, which name this user. */
export interface VouchersView {
  readonly requests: readonly {
    readonly reference: string;
    readonly user: string;
    readonly startedAt: number;
    readonly url: string;
  }[];
  readonly error: (FormError & { readonly reference: string }) | null;
  /** What was typed as the name. */
  readonly typed: string;
  readonly notice: Notice | null;
}

/** What the link in a notice is about, before anything is done. */
export interface ObjectView {
  /** ms */
  readonly at: number;
  readonly told: readonly Told[];
  /** The names of what would be suspended. */
  readonly suspends: readonly string[];
  readonly action: string;
}

/** A browser that the account knows. Times in ms. */
export interface BrowserView {
  readonly id: string;
  /** In words. */
  readonly name: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The page is shown in it. */
  readonly isThis: boolean;
  /** Until when it is not asked for a second factor; null: it is asked. */
  readonly rememberedUntil: number | null;
  readonly forgetUrl: string;
}

export interface BrowsersView {
  readonly browsers: readonly BrowserView[];
  readonly forgetAllUrl: string;
  /** What just happened, shown once: picks `notice.<code>` of the catalogue. */
  readonly notice: Notice | null;
}

/** Where the user is signed in. Times in ms. */
export interface LoginView {
  readonly id: string;
  /** The browser, in words. */
  readonly name: string;
  readonly address: string | null;
  readonly since: number;
  readonly lastAt: number;
  /** The page is shown in it. */
  readonly isThis: boolean;
  readonly proofs: readonly ProofType[];
  /** By what it was completed without a proof of ours, if it was. */
  readonly without: LoginStatus['without'];
  readonly endUrl: string;
}

export interface LoginsView {
  readonly logins: readonly LoginView[];
  /** The page offers to end this one, and nothing else. */
  readonly only: boolean;
  readonly backUrl: string;
  readonly endOthersUrl: string;
  /** What just happened, shown once: picks `notice.<code>` of the catalogue. */
  readonly notice: Notice | null;
}

/** One thing that happened. */
export interface ActivityEntryView {
  readonly id: string;
  /** ms */
  readonly at: number;
  /** Picks `activity.<name>` of the catalogue, or `activity.<type>.<name>` if there is such a text. */
  readonly name: ActivityName;
  readonly result: ActivityResult;
  readonly type: ProofType | null;
  /** What the user called the factor; of a request for access and of what staff did, what happened, in words. */
  readonly label: string | null;
  /** In words; null: it was no browser. */
  readonly browser: string | null;
  /** An IP address. */
  readonly address: string | null;
}

export interface ActivityView {
  /** The newest first. */
  readonly entries: readonly ActivityEntryView[];
  /** The kinds of proof to choose from; none chosen: everything is shown. */
  readonly kinds: readonly { readonly type: ProofType; readonly isChosen: boolean }[];
  /** Where the form leads, by GET. */
  readonly action: string;
  readonly olderUrl: string | null;
  /** null: these are the newest. */
  readonly newestUrl: string | null;
  readonly csvUrl: string;
  readonly jsonUrl: string;
  /** For how many days entries are kept; null: nobody says. */
  readonly days: number | null;
  readonly signOutEverywhereUrl: string;
  readonly backUrl: string;
}

/** Rename, prefer or remove one factor; `remaining` is what would be left after removing it. */
export interface FactorPageView {
  readonly factor: FactorView;
  /** The one thing that the page offers; null: all of them. */
  readonly only: 'rename' | 'prefer' | 'remove' | null;
  readonly renameUrl: string;
  readonly preferUrl: string;
  readonly removeUrl: string;
  readonly backUrl: string;
  readonly remaining: readonly string[];
  /** Removing it switches two-factor authentication off. */
  readonly last: boolean;
  /** `keepFactors` keeps it from being removed. */
  readonly kept: boolean;
  /** Where to add another of its kind, to replace a key that was made for another domain. */
  readonly enrolUrl: string;
  readonly label: string;
  readonly error: FormError | null;
}

/** What may still let somebody in who seems to have lost everything, and the form for when nothing does. */
export interface LostView {
  /** Where the ways in are: at the login page, or, once signed in, at the step or in the settings. */
  readonly next: { readonly href: string; readonly text: TextKey };
  /** Where a code from support is typed; null: there are none here, or nobody is half signed in. */
  readonly liveCodeUrl: string | null;
  /** What the file of backup codes is called: `webadmin-backup-codes-….txt`. */
  readonly codesFile: string;
  readonly files: readonly { readonly paper: Paper; readonly url: string }[];
  readonly pageUrl: string;
  /** Where the form goes. */
  readonly sendTo: string;
  /** How long people wait at least, in days: at an address on file, and at a new one. */
  readonly waits: { readonly short: number; readonly long: number };
  /** What can be done here and now; null: the form is all there is. */
  readonly doors: LostDoors | null;
}

/** What people can do at once who have lost everything. */
export interface LostDoors {
  /** Who they are by their half login, masked; null: nobody knows. */
  readonly user: string | null;
  /** The app finds people by name; if not, they have to give their password first. */
  readonly byName: boolean;
  /** What was typed, and what is wrong with it. */
  readonly identifier: string;
  readonly error: FormError | null;
  readonly blockUrl: string;
  readonly startUrl: string;
}

/** The form with which access is asked for. */
export interface LostRequestView
  extends Pick<LostDoors, 'user' | 'identifier' | 'error'>, Pick<LostView, 'waits'> {
  readonly types: readonly { readonly type: ProofType; readonly isLost: boolean }[];
  /** How answers can be sent. */
  readonly reaches: 'email' | 'sms' | 'both';
  readonly address: string;
  readonly said: string;
  readonly action: string;
  readonly backUrl: string;
}

/** How far a request for access is, for whoever asked. Times in ms. */
export interface LostStatusView {
  readonly reference: string;
  readonly checkCode: string;
  readonly state: RequestState;
  /** What a reviewer says about it. */
  readonly reply: Reply | null;
  readonly steps: readonly { readonly at: number; readonly state: RequestState }[];
  /** When access is possible at the earliest; null: nobody can say yet. */
  readonly earliestAt: number | null;
  /** Why that is later than usual. */
  readonly longer: 'new_contact' | 'changed' | null;
  /** When it lapses if nothing happens; null: it does not. */
  readonly lapsesAt: number | null;
  /** Where answers go, masked. */
  readonly contact: string;
  readonly sum: number;
  readonly needed: number;
  readonly least: number;
  readonly missing: readonly { readonly what: Missing }[];
  /** What was given, how often, and whether it counts by now. */
  readonly given: readonly {
    readonly kind: EvidenceKind;
    readonly times: number;
    readonly counts: boolean;
  }[];
  /** What can still make a difference. */
  readonly offers: readonly {
    readonly kind: EvidenceKind;
    readonly points: number;
    readonly isGiven: boolean;
  }[];
  /** A code was just sent. */
  readonly sent: 'contact' | 'mail' | 'phone' | null;
  /** What was just added; a browser that the account does not know adds nothing. */
  readonly added: { readonly kind: EvidenceKind; readonly isGiven: boolean } | null;
  /** How big a copy of a document may be. */
  readonly mostBytes: number;
  /** What was typed into a form that was refused. */
  readonly typed: { readonly facts: Readonly<Record<string, string>>; readonly voucher: string };
  readonly canWithdraw: boolean;
  readonly url: string;
  readonly files: LostView['files'];
  readonly pageUrl: string;
  /** Where the signed form goes. */
  readonly sendTo: string;
  readonly error: FormError | null;
}

/** What the link in a notice about a request stops, before that is done. Times in ms. */
export interface LostCancelView {
  readonly reference: string;
  readonly state: RequestState;
  readonly startedAt: number;
  readonly earliestAt: number | null;
  readonly canStop: boolean;
  readonly action: string;
  readonly signInUrl: string;
}

/** The link to set up new factors, and what has to go with it. */
export interface TicketView {
  readonly action: string;
  /** Of the request, for whoever has to ask for help. */
  readonly reference: string;
  /** Until when the link works (ms); null: nobody can say. */
  readonly until: number | null;
  readonly password: boolean;
  /** null: there is no second address for a code. */
  readonly code: {
    readonly type: CodeType;
    readonly sent: SentView | null;
    readonly sendUrl: string;
  } | null;
  readonly error: FormError | null;
}

/** What somebody who is let in again can set up. */
export interface LetInView {
  readonly ways: readonly WayView[];
  /** ms */
  readonly until: number;
  readonly cancelUrl: string;
}

/** The form as a page to print. */
export interface LostFormView {
  readonly content: FormContent;
  readonly paper: Paper;
  readonly backUrl: string;
  /** An inline SVG, safe to print as is; null on the blank form. */
  readonly qr: string | null;
}

/**
 * A page that says one thing and offers one next step: locked, expired, over, sign in, not found, …
 * `code` picks `message.<code>.title` and `message.<code>.text`, unless one of `special` has them.
 */
export interface MessageView {
  readonly code: string;
  readonly special?: readonly string[];
  /** How many one may have, where that is what it says. */
  readonly most?: number;
  readonly next: {
    readonly href: string;
    readonly text: 'continue' | 'sign-in' | 'back' | 'confirm' | 'retry' | 'everywhere' | 'finish' | 'block';
    /** A form, for a next step that changes something. */
    readonly post?: boolean;
  } | null;
  /** The page continues to `next` by itself. */
  readonly goesOn?: true;
  /** ms; when it can be tried again */
  readonly until: number | null;
  readonly ways: readonly WayView[];
  /** What would be strong enough, where a proof was not. */
  readonly enough?: readonly ProofType[];
}

/** What all pages of administrators have. */
interface AdminPage {
  /** Where they are mounted. */
  readonly here: string;
  readonly current: 'users' | 'without' | 'requests' | null;
  readonly notice: Notice | null;
  /** Where whoever reads it proves that it is them, before they can change anything; null: they have. */
  readonly confirmUrl: string | null;
  /** The form that was not done, what is wrong with it if anything is, and what was typed and chosen in it. */
  readonly wrong: {
    readonly form: string;
    readonly error: FormError | null;
    readonly typed: Readonly<Record<string, string>>;
    readonly ids: readonly string[];
  } | null;
}

/** What people are called, by their ids. */
type Names = Readonly<Record<string, string>>;

interface Paged {
  readonly nextUrl: string | null;
  /** null: this is the first page. */
  readonly firstUrl: string | null;
}

export interface AdminUsersView extends AdminPage, Paged {
  readonly query: string;
  /** Where several are reset, with what was searched for. */
  readonly resetUrl: string;
  readonly users: readonly (ListedUser & { readonly url: string })[];
  /** How many have no second factor, on the page of those; null on the page of all. */
  readonly count: number | null;
  readonly mayReset: boolean;
  /** What became of each of several that were to be reset. */
  readonly results: readonly {
    readonly name: string;
    readonly reference: string | null;
    /** Why not, as the catalogue calls it. */
    readonly why: string | null;
  }[];
}

/** What can be done for a user, as it is called in its address. */
export type UserAct = 'suspend' | 'unlock' | 'end-logins' | 'reset' | 'live-code' | 'live-code/confirm';

export interface AdminUserView extends AdminPage {
  readonly url: string;
  readonly user: Omit<UserDetails, 'browsers' | 'logins'> & {
    readonly browsers: readonly (Omit<UserDetails['browsers'][number], 'name'> & { readonly name: string })[];
    readonly logins: readonly (Omit<UserDetails['logins'][number], 'browser'> & { readonly name: string })[];
  };
  /** The newest of what happened; null: nothing is kept. */
  readonly activity: readonly ActivityEntryView[] | null;
  readonly acts: readonly UserAct[];
  /** A code that was just made, shown once. */
  readonly made: { readonly code: string; readonly expiresAt: number; readonly url: string } | null;
  readonly names: Names;
  readonly mayAudit: boolean;
}

export interface AdminRequestsView extends AdminPage, Paged {
  readonly requests: readonly (RequestView & { readonly url: string })[];
  readonly names: Names;
  readonly state: RequestState | null;
  readonly states: readonly RequestState[];
  /** The two codes of a form, as typed. */
  readonly typed: { readonly reference: string; readonly check: string };
}

export interface AdminRequestView extends AdminPage {
  readonly url: string;
  readonly userUrl: string;
  readonly details: RequestDetails;
  readonly browser: string | null;
  readonly browsers: readonly string[];
  readonly verbs: readonly RequestVerb[];
  /** The sentences that can be said to whoever asks, by what is done. */
  readonly becauses: { readonly 'more-info': readonly AskCode[]; readonly reject: readonly RejectCode[] };
  readonly names: Names;
  /** Whoever reads it has recommended it, so that only somebody else is missing. */
  readonly isRecommendedByReader: boolean;
}

export interface AdminAuditView extends AdminPage {
  readonly name: string;
  readonly userUrl: string;
  /** Whether the app keeps records at all. */
  readonly isKept: boolean;
  readonly records: readonly {
    readonly at: number;
    /** By name, or in words. */
    readonly actor: string;
    /** Picks `audit.<action>` of the catalogue, and is shown beside it. */
    readonly action: string;
    readonly reason: string | null;
    readonly request: string | null;
    readonly hash: string;
  }[];
}

/** Every view and the data it is rendered with. */
export interface Views {
  step: StepView;
  choose: ChooseView;
  waiting: WaitingView;
  'enrol-totp': EnrolTotpView;
  'enrol-code': EnrolCodeView;
  'enrol-key': EnrolKeyView;
  'offer-key': OfferKeyView;
  'code-used': CodeUsedView;
  'backup-codes': BackupCodesView;
  security: SecurityView;
  activity: ActivityView;
  factor: FactorPageView;
  browsers: BrowsersView;
  logins: LoginsView;
  object: ObjectView;
  'owner-access': OwnerAccessView;
  vouchers: VouchersView;
  'live-code': { readonly url: string; readonly error: FormError | null };
  lost: LostView;
  'lost-form': LostFormView;
  'lost-request': LostRequestView;
  'lost-status': LostStatusView;
  'lost-cancel': LostCancelView;
  ticket: TicketView;
  'let-in': LetInView;
  message: MessageView;
  'admin-users': AdminUsersView;
  'admin-user': AdminUserView;
  'admin-requests': AdminRequestsView;
  'admin-request': AdminRequestView;
  'admin-audit': AdminAuditView;
}

export type ViewName = keyof Views;

/** What every page needs besides its own data; made per request by the pages, not by the renderer. */
export interface PageFrame {
  readonly lang: string;
  /** The user's, where the app knows it. */
  readonly timeZone: string | null;
  /** Link prefix of our routes: `/2fa`, or `/app/2fa` behind a mount. */
  readonly base: string;
  readonly homeUrl: string;
  readonly helpUrl: string | null;
  /** Where people go who have lost everything: our page for them, else the app's help. */
  readonly lostUrl: string | null;
  /** Goes into every form as a hidden field. Empty string: the page has no login. */
  readonly formToken: string;
  /** A field that the app's own CSRF check needs in every form. */
  readonly appField: { readonly name: string; readonly value: string } | null;
  /** Who is fully signed in (shown top right), else null. */
  readonly userName: string | null;
  /** The request for access to their account, which they may stop; null: there is none, or this page is about it. */
  readonly request: RequestBanner | null;
  readonly brand: BrandView;
}

/** The app's branding of a page; null where the app has none. */
export interface BrandView {
  readonly logoUrl: string | null;
  /** Loaded after ours. */
  readonly stylesheetUrl: string | null;
  readonly accountUrl: string | null;
  readonly signOutUrl: string | null;
  /** Markup from the app, instead of our header. */
  readonly header: string | null;
  /** null: as on the device. */
  readonly theme: 'light' | 'dark' | null;
}
