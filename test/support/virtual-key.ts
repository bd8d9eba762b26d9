import type { CDPSession, Page } from 'playwright-core';

/** Options of Chromium's virtual authenticator. */
export interface VirtualKeyOptions {
  readonly transport?: 'usb' | 'internal';
  /** It stores passkeys that need no user name. */
  readonly resident?: boolean;
  readonly verifies?: boolean;
  readonly eligible?: boolean;
}

interface Credential {
  readonly credentialId: string;
  readonly signCount: number;
  readonly isResidentCredential: boolean;
  readonly [more: string]: unknown;
}

/** A key in this page's browser, which answers as a real one would. */
export async function virtualKey(page: Page, options: VirtualKeyOptions = {}) {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { transport = 'usb', resident = false, verifies = true, eligible = false } = options;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: resident,
      hasUserVerification: verifies,
      isUserVerified: verifies,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: eligible,
      defaultBackupState: eligible,
    },
  });
  const credentials = async (): Promise<readonly Credential[]> =>
    (await cdp.send('WebAuthn.getCredentials', { authenticatorId }))
      .credentials as unknown as readonly Credential[];
  return {
    credentials,
    verifies: (isUserVerified: boolean) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    /** Whether someone touches it when it asks. */
    touches: (enabled: boolean) =>
      cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    /** Changes what it says about whether it can be copied. */
    setBackup: async (backupEligibility: boolean) => {
      for (const { credentialId } of await credentials()) {
        await cdp.send('WebAuthn.setCredentialProperties', {
          authenticatorId,
          credentialId,
          backupEligibility,
          backupState: backupEligibility,
        });
      }
    },
    /** Turns it into a copy made when its count was lower. */
    countFrom: async (signCount: number) => {
      for (const credential of await credentials()) {
        const { credentialId } = credential;
        await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
        await cdp.send('WebAuthn.addCredential', {
          authenticatorId,
          credential: { ...credential, signCount } as never,
        });
      }
    },
    remove: () => cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}

export type VirtualKey = Awaited<ReturnType<typeof virtualKey>>;
