/** A key (ES256) whose private half was thrown away as soon as it was made: no signature is right for it. */
export const decoyKey = {
  publicKey:
    'pQECAyYgASFYIB_c5rQNeIrFUA6FqleMSi754tpy4qQh8xVzLvgrKMyVIlggPgpelcSl2JqyCiRlpDIhqlG6C3qKbaRTPzCsHrtFTjs',
} as const;
