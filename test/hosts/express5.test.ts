import express from 'express';
import { isExhaustive } from '../support/exhaustive';
import { Passport6, Passport7 } from './host';
import { loginsContract } from './logins.contract';
import { seamContract } from './seam.contract';
import { shapesContract } from './shapes.contract';

if (isExhaustive) loginsContract('Express 5 and Passport 0.6', { express, Passport: Passport6 });
else {
  seamContract('Express 5 and Passport 0.7', { express, Passport: Passport7 });
  seamContract('Express 5 and Passport 0.6', { express, Passport: Passport6 });
  shapesContract('Express 5 and Passport 0.7', { express, Passport: Passport7 });
  loginsContract('Express 5 and Passport 0.7', { express, Passport: Passport7 });
}
