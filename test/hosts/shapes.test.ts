import express from 'express';
import { Passport7 } from './host';
import { shapesContract } from './shapes.contract';

shapesContract('Express 5 and Passport 0.7', { express, Passport: Passport7 });
