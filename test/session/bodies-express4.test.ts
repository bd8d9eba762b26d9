import { express4, Passport6 } from '../hosts/host';
import { bodiesContract } from './bodies.contract';

jest.mock('express', () => jest.requireActual<object>('express4'));

bodiesContract('Express 4', express4, Passport6);
