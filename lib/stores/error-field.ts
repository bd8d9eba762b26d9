/** A field of whatever was thrown. Not by `instanceof`: a driver may be loaded in another realm (Jest does). */
export const errorField = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

export const errorText = (error: unknown): string => {
  const message = errorField(error, 'message');
  return typeof message === 'string' ? message : '';
};
