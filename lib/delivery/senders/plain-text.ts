const BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** In ASCII: no list of them, no name before it, no angle bracket, no quotes. */
const ADDRESS = /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,253}$/;

/** A text that adds no header, wherever it is put. */
export const isOneLine = (text: string): boolean => !BREAK.test(text);

/** One address, and nothing else that a mail program could read out of it. */
export const isAddress = (text: string): boolean => ADDRESS.test(text);
