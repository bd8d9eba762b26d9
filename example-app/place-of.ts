/** `MongoDB at db:27017`, from an address that may hold a password. */
export function placeOf(name: string, address: string): string {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/?]+)/i.exec(address)?.[1];
  return host === undefined ? name : `${name} at ${host}`;
}
