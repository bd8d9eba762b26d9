import express from 'express';
import { Passport7 } from '../hosts/host';
import { bodyParsersContract } from './body-parsers.contract';

bodyParsersContract('Express 5', express, Passport7);
