import type * as Express from 'express';
import type { RequestHandler } from 'express';

/** The app's Express, loaded on the first `secondFactor()`, so that merely importing this package does not load it. */
export const express = (): typeof Express => require('express') as typeof Express;

/** One handler that runs these in turn, as a router would. A router's layers would cost every request of the app. */
export const inTurn =
  (...handlers: readonly RequestHandler[]): RequestHandler =>
  (req, res, next) => {
    const run = (position: number): void => {
      const handler = handlers[position];
      if (!handler) return next();
      try {
        void handler(req, res, (error?: unknown) => (error ? next(error) : run(position + 1)));
      } catch (error) {
        next(error);
      }
    };
    run(0);
  };
