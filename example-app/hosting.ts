const DAY = 86_400_000;

/** What a customer of a hosting company has. Made up, and the same for everybody. */
export interface Hosting {
  readonly sites: readonly { readonly name: string; readonly runs: string; readonly backupAt: Date }[];
  readonly domains: readonly {
    readonly name: string;
    readonly expiresAt: Date;
    readonly daysLeft: number;
    readonly renews: boolean;
  }[];
  readonly mailboxes: readonly {
    readonly address: string;
    readonly megabytes: number;
    readonly of: number;
  }[];
  /** Gigabytes. */
  readonly disk: { readonly used: number; readonly of: number };
}

/** As of a day, so that a demo of any age has a domain that runs out soon. */
export function hostingAt(now: number): Hosting {
  const domain = (name: string, daysLeft: number, renews: boolean) => ({
    name,
    daysLeft,
    renews,
    expiresAt: new Date(now + daysLeft * DAY),
  });
  const backupAt = new Date(now - DAY / 2);
  return {
    sites: [
      { name: 'bakery.example', runs: 'WordPress 6.8', backupAt },
      { name: 'shop.bakery.example', runs: 'PHP 8.4', backupAt },
      { name: 'recipes.example', runs: 'Node 22', backupAt },
    ],
    domains: [
      domain('recipes.example', 12, false),
      domain('bakery.example', 203, true),
      domain('bakery.test', 311, true),
    ],
    mailboxes: [
      { address: 'hello@bakery.example', megabytes: 1830, of: 5000 },
      { address: 'orders@bakery.example', megabytes: 4210, of: 5000 },
      { address: 'anna@recipes.example', megabytes: 240, of: 5000 },
    ],
    disk: { used: 13.6, of: 20 },
  };
}
