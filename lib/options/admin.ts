import type { Request } from 'express';
import type { AdminAction } from '../admin/office';

export interface AdminOptions<User> {
  /**
   * Whether somebody may do something; `target`: about whom, null where it is nobody in particular. What throws is
   * refused.
   */
  authorize(
    req: Request,
    action: AdminAction,
    target: { readonly id: string; readonly user: User } | null,
  ): boolean | Promise<boolean>;
}
