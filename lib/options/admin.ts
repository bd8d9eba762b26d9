import type { Request } from 'express';
import type { AdminAction } from '../admin/office';

export interface AdminOptions<User> {
  /**
   * Whether somebody may do something. What throws is refused.
   *
   * @param target about whom; null for a list, and for an id that nobody has: say who may learn that, as for any user
   */
  authorize(
    req: Request,
    action: AdminAction,
    target: { readonly id: string; readonly user: User } | null,
  ): boolean | Promise<boolean>;
}
