import { memoryActivity } from '../../lib/stores/memory-activity';
import { activityContract } from '../contracts/activity.contract';

activityContract('memoryActivity', async () => {
  let passed = 0;
  return {
    activity: memoryActivity({ now: () => Date.now() + passed }),
    pass: async (ms) => {
      passed += ms;
    },
    close: async () => undefined,
  };
});
