import { describeIf } from '../support/needs';
import { guessesAtOnce } from './guesses';
import { securityKeys } from './keys';
import { letsIn } from './lets-in';
import { oneUse } from './one-use';
import { BEHIND_PROXY } from './sending';
import { sends } from './sends';
import { sentCodes } from './sends-codes';
import { sharedSessions } from './shared-sessions';
import { openStage, type Stage } from './stage';

describeIf(['redis', 'mongo-server'], 'Two processes', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(BEHIND_PROXY);
  }, 120_000);
  afterAll(() => stage.close());

  for (const tests of [guessesAtOnce, oneUse, securityKeys, letsIn, sends, sentCodes])
    tests(() => stage.nextScene());
  // Last, since it leaves what it planted.
  sharedSessions(() => stage.nextScene());
});
