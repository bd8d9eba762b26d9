import { express4, Passport6, Passport7 } from './host';
import { loginsContract } from './logins.contract';
import { seamContract } from './seam.contract';
import { shapesContract } from './shapes.contract';

// Where an app has Express 4, the library's own router and body parsers are of Express 4, too.
jest.mock('express', () => jest.requireActual<object>('express4'));

it('runs on Express 4 all through', () => {
  expect(jest.requireMock('express')).toBe(express4);
});

seamContract('Express 4 and Passport 0.7', { express: express4, Passport: Passport7 });
seamContract('Express 4 and Passport 0.6', { express: express4, Passport: Passport6 });
shapesContract('Express 4 and Passport 0.6', { express: express4, Passport: Passport6 });
loginsContract('Express 4 and Passport 0.6', { express: express4, Passport: Passport6 });
