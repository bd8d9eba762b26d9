import type { SessionData } from 'express-session';

declare module 'express-session' {
  interface SessionData {
    /** Set once the login of this session has a record. It proves nothing; without a record it means signed out. */
    secondFactor?: 1;
  }
}

export const isMarked = (session: Partial<SessionData>): boolean => session.secondFactor === 1;

export function setMark(session: Partial<SessionData>): void {
  session.secondFactor = 1;
}

export function removeMark(session: Partial<SessionData>): void {
  delete session.secondFactor;
}
