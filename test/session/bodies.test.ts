import express from 'express';
import { Passport7 } from '../hosts/host';
import { bodiesContract } from './bodies.contract';
import { bodyParsersContract } from './body-parsers.contract';

bodiesContract('Express 5', express, Passport7);
bodyParsersContract('Express 5', express, Passport7);
