import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import type { Passwords } from './passwords';
import type { User, Users } from './users';

/** Passport with a password strategy, as any app has it: nothing in here knows of a second factor. */
export function createPassport(users: Users, passwords: Passwords) {
  const passport = new Passport();

  const check = async (username: string, password: string): Promise<User | false> => {
    const found = await users.findByUsername(username);
    // Run for unknown users too: the answer must not come sooner for them.
    const isRight = await passwords.isRight(password, found?.passwordHash);
    if (!found || !isRight) return false;
    const { passwordHash: _, ...user } = found;
    return user;
  };
  passport.use(
    new LocalStrategy((username, password, done) => {
      check(username, password).then((user) => done(null, user), done);
    }),
  );

  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: unknown, done) => {
    if (typeof id !== 'string') return done(null, false);
    users.findById(id).then((user) => done(null, user ?? false), done);
  });
  return passport;
}

export type AppPassport = ReturnType<typeof createPassport>;
