import { isExhaustive } from '../support/exhaustive';
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

  const inRounds = [oneUse, securityKeys];
  // The last one leaves what it planted.
  const all = [guessesAtOnce, ...inRounds, letsIn, sends, sentCodes, sharedSessions];
  for (const tests of isExhaustive ? inRounds : all) tests(() => stage.nextScene());
});
