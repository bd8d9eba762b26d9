import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'ejs';
import type { Request } from 'express';
import { speechOf } from './language';
import { isStaff } from './roles';
import { userOf } from './signed-in';

const FILE = join(__dirname, 'views', 'partials', 'shell.ejs');
const shell = compile(readFileSync(FILE, 'utf8'), { filename: FILE });

/**
 * What is around every page, ours and those of the second factor (`brand.header`): the bar at the top, and for people who
 * are signed in the menu. EJS escapes what is in it.
 */
export function shellOf(req: Request): string {
  const user = userOf(req);
  return shell({
    ...speechOf(req),
    user,
    isStaff: user !== undefined && isStaff(user),
    isHalf: req.twoFactor?.status === 'owed',
    isDemo: req.app.locals.isDemo === true,
    path: req.originalUrl.split('?', 1)[0],
  });
}
