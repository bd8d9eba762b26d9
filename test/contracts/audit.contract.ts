import type { ChainEnd, Pseudonym } from '../../lib/account/audit';
import { pseudonymOf } from '../../lib/crypto/digest';
import type { AuditStore } from '../../lib/stores/audit';
import { ada, admin, recordsOf } from '../audit/records';
import { ODD_IDS, userId } from './accounts.contract';

export interface AuditSubject {
  /** Empty, and nobody else's. */
  readonly audit: AuditStore;
  close(): Promise<void>;
}

const bob = userId('bob');
const [ofAda, ofBob, ofAdmin] = [ada, bob, admin].map(pseudonymOf) as [Pseudonym, Pseudonym, Pseudonym];

/** What every audit store must do. `open` is called before each test. */
export function auditContract(name: string, open: () => Promise<AuditSubject>): void {
  describe(`${name}, as AuditStore`, () => {
    let subject: AuditSubject;
    let audit: AuditStore;
    beforeEach(async () => {
      subject = await open();
      audit = subject.audit;
    });
    afterEach(() => subject.close());

    const records = async (of = ofAda) => (await audit.list(of)).records;
    const chains = async () => {
      const all: Pseudonym[] = [];
      for await (const of of audit.chains()) all.push(of);
      return all.toSorted();
    };

    it('has nothing of a user to whom nothing was done', async () => {
      expect(await audit.list(ofAda)).toEqual({ records: [], ends: [] });
      expect(await chains()).toEqual([]);
    });

    it('gives back each record as it was, by its place, in whatever order they came', async () => {
      const all = recordsOf(12);
      await audit.append(all.slice(6));
      await audit.append(all.slice(0, 6).toReversed());
      expect(await records()).toEqual(all);
    });

    it('stores a record once, however often and by how many it is given', async () => {
      const all = recordsOf(5);
      await Promise.all([all, all.slice(0, 3), all.slice(2), all].map((some) => audit.append(some)));
      await audit.append(all);
      expect(await records()).toEqual(all);
    });

    it('never stores over what is there, and keeps a different one in the same place', async () => {
      const [first] = recordsOf(1);
      if (!first) throw new Error('there is one');
      await audit.append([first]);
      await audit.append([{ ...first, reason: 'another' }]);
      expect(await records()).toEqual([first]);
      await audit.append([{ ...first, reason: 'another', hash: 'another' }]);
      expect((await records()).map(({ hash }) => hash).toSorted()).toEqual(
        [first.hash, 'another'].toSorted(),
      );
    });

    it('keeps users apart, whatever they are called', async () => {
      const users = [...new Set([...ODD_IDS, 'Ada', 'ada', 'ada '])].map(userId);
      for (const [nth, user] of users.entries()) await audit.append(recordsOf(1 + (nth % 3), user));
      for (const [nth, user] of users.entries())
        expect(await records(pseudonymOf(user))).toEqual(recordsOf(1 + (nth % 3), user));
      expect(await chains()).toEqual(users.map(pseudonymOf).toSorted());
    });

    it('keeps the ends of chains, each once, with the mac that it got last', async () => {
      const end = (seq: number, mac: string): ChainEnd => ({ of: ofAda, seq, hash: `hash ${seq}`, mac });
      await audit.append(recordsOf(2));
      await audit.end(end(4, 'one'));
      await audit.end(end(2, 'two'));
      await audit.end(end(4, 'three'));
      expect(await audit.list(ofAda)).toEqual({
        records: recordsOf(2),
        ends: [end(2, 'two'), end(4, 'three')],
      });
      await audit.end({ ...end(1, 'one'), of: ofBob });
      expect(await audit.list(ofBob)).toEqual({ records: [], ends: [{ ...end(1, 'one'), of: ofBob }] });
      expect(await chains()).toEqual([ofAda, ofBob].toSorted());
    });

    it('removes the plain id of a target, and nothing else', async () => {
      await audit.append([...recordsOf(3), ...recordsOf(2, bob)]);
      await audit.blank(ofAda);
      expect(await records()).toEqual(recordsOf(3).map((one) => ({ ...one, target: { pseudonym: ofAda } })));
      expect(await records(ofBob)).toEqual(recordsOf(2, bob));
      // What another process brings late does not bring it back.
      await audit.append(recordsOf(3));
      expect((await records()).every(({ target }) => target.id === undefined)).toBe(true);
    });

    it('removes the plain id of an actor', async () => {
      await audit.append([...recordsOf(2), ...recordsOf(1, bob)]);
      await audit.blank(ofAdmin);
      const nameless = { actor: { pseudonym: ofAdmin } };
      expect(await records()).toEqual(recordsOf(2).map((one) => ({ ...one, ...nameless })));
      expect(await records(ofBob)).toEqual(recordsOf(1, bob).map((one) => ({ ...one, ...nameless })));
    });

    it('is not changed by what callers do to the objects they gave or got', async () => {
      const given = recordsOf(1).map((one) => ({ ...one }));
      await audit.append(given);
      for (const one of [...given, ...(await records())]) Reflect.set(one, 'action', 'spoilt');
      expect(await records()).toEqual(recordsOf(1));
    });
  });
}
