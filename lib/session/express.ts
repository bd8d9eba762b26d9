import type * as Express from 'express';

/** The app's Express, loaded with the first `secondFactor()`: a mere import of this package is not to cost that. */
export const express = (): typeof Express => require('express') as typeof Express;
