import { createCatalogue } from '../../lib/pages/catalogue';
import { actionOf } from '../../lib/recovery/step';
import { acts } from '../../lib/recovery/transitions';

const catalogue = createCatalogue();

describe('What is in an audit has words', () => {
  it.each(acts.map(actionOf))('for a step of a request: %s', (action) => {
    expect(catalogue.has(`audit.${action}`)).toBe(true);
  });

  it.each([
    'request.begin',
    'request.read-document',
    'user.suspend',
    'user.unlock',
    'user.end-logins',
    'user.reset',
    'live-code.make',
    'live-code.confirm',
    'live-code.use',
    'rules.change',
    'account.block',
    'account.forgotten',
  ])('for what is none: %s', (action) => {
    expect(catalogue.has(`audit.${action}`)).toBe(true);
  });
});
