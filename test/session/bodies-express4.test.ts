import { express4, Passport6 } from '../hosts/host';
import { bodiesContract } from './bodies.contract';
import { bodyParsersContract } from './body-parsers.contract';

jest.mock('express', () => jest.requireActual<object>('express4'));

bodiesContract('Express 4', express4, Passport6);
bodyParsersContract('Express 4', express4, Passport6);
