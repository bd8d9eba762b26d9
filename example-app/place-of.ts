/** `MongoDB at db:27017`, from a URL that may contain a password. */
export function placeOf(name: string, address: string): string {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/?]+)/i.exec(address)?.[1];
  return host === undefined ? name : `${name} at ${host}`;
}
