import type { Passwords } from './passwords';
import type { Problem } from './problems';
import type { User, Users } from './users';

/** OWASP ASVS 5.0 §6.2.1. */
export const SHORTEST_PASSWORD = 8;

interface Input {
  readonly currentPassword: string | undefined;
  readonly newPassword: string | undefined;
}

/** @returns what is wrong, or undefined when the password is changed */
export async function changePassword(
  users: Users,
  passwords: Passwords,
  user: User,
  { currentPassword, newPassword }: Input,
): Promise<Problem | undefined> {
  if (!currentPassword) return malformed('currentPassword', 'Enter your current password.');
  if (!newPassword) return malformed('newPassword', 'Enter a new password.');
  if ([...newPassword].length < SHORTEST_PASSWORD) {
    return malformed('newPassword', `Enter a new password of at least ${SHORTEST_PASSWORD} characters.`);
  }
  if (newPassword === currentPassword) {
    return malformed('newPassword', 'Enter a new password that is different from your current one.');
  }
  const stored = await users.findByUsername(user.username);
  if (!stored || !(await passwords.isRight(currentPassword, stored.passwordHash))) return wrongPassword;
  const isChanged = await users.replacePassword(
    user.id,
    stored.passwordHash,
    await passwords.hash(newPassword),
  );
  return isChanged ? undefined : changedMeanwhile;
}

const malformed = (field: string, message: string): Problem => ({
  status: 400,
  code: 'malformed',
  message,
  field,
});

const wrongPassword: Problem = {
  status: 401,
  code: 'wrong_password',
  message: 'That is not your current password.',
  field: 'currentPassword',
};

const changedMeanwhile: Problem = {
  status: 409,
  code: 'conflict',
  message: 'Your password was changed in another window at the same time.',
  field: 'currentPassword',
};
