import { express4, Passport6 } from './host';
import { loginsContract } from './logins.contract';

jest.mock('express', () => jest.requireActual<object>('express4'));

loginsContract('Express 4 and Passport 0.6', { express: express4, Passport: Passport6 });
