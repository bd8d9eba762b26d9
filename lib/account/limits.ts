/** The numbers the account rules go by, resolved from the options. Times in ms. */
export interface Limits {
  /** Tries a full lane holds, and how long until one comes back. */
  readonly laneTries: number;
  readonly laneRefill: number;
  /** Wrong in a row that close a lane: NIST SP 800-63B-4 §3.2.2 allows at most 100. */
  readonly laneCloses: number;
  readonly browsers: number;
  readonly totpApps: number;
  /** Phone numbers, and mail addresses, a user may have. */
  readonly addresses: number;
  /** Factors a user must keep once two-factor is on. */
  readonly keepFactors: number;
}
