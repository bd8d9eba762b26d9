import express from 'express';
import { Passport7 } from '../hosts/host';
import { bodiesContract } from './bodies.contract';

bodiesContract('Express 5', express, Passport7);
