import { describeIf } from '../support/needs';
import { outages } from './outages';
import { openStage, type Stage } from './stage';
import { struckMidway } from './struck';

describeIf(['redis', 'mongo-server'], 'Two processes whose stores are lost', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(() => stage.close());

  struckMidway(() => stage.nextScene());
  // Last, since it drops the database, and its indexes with it.
  outages(() => stage.nextScene());
});
