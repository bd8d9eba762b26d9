import { DeliveryError, memorySender, type EmailMessage, type Sender } from '../../lib';
import { mongoAccounts } from '../../lib/mongo';
import { minutes } from '../support/clock';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';
import { until } from '../support/within';
import { annEnrolled, subjects, toldApp } from './cast';

describeIf('mongo', 'A notice in MongoDB', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  it('is found by its index when it is due, and leaves nothing behind once it is sent', async () => {
    const inbox = memorySender();
    let isDown = true;
    const send: Sender<EmailMessage> = async (message, signal) => {
      if (isDown) throw new DeliveryError('network');
      await inbox(message, signal);
    };
    const accounts = mongoAccounts(database.connection);
    const host = toldApp({ accounts, email: { send, codes: false }, deadline: '30s' });
    await annEnrolled(host);
    await until(10_000, 'the first try', () => host.events.some(({ name }) => name === 'notice.failed'));
    const stored = () => database.connection.collection('second_factor_accounts').findOne({});
    expect(await stored()).toMatchObject({ dueAt: host.clock.now() + minutes });
    expect(JSON.stringify(await stored())).not.toContain('ann@example.com');

    isDown = false;
    host.clock.move(minutes);
    const all = await Promise.all([host.twoFactor.tick(), host.twoFactor.tick()]);
    expect(all.map(({ notices }) => notices.sent).reduce((sum, sent) => sum + sent)).toBe(1);
    expect(subjects(inbox.sent)).toEqual(['Two-factor authentication is on at Test App']);
    expect(await stored()).not.toHaveProperty('dueAt');
    expect(await stored()).not.toHaveProperty('outbox');
  });
});
