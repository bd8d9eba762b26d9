// The browser as webauthn.js sees it, which takes it for the real one. Password managers replace navigator.credentials
// and answer with plain objects: without methods, and with only the members they need.

export const navigator = {
  credentials: {
    get: async (options) => whole(await window.navigator.credentials.get(options)),
    create: async (options) => whole(await window.navigator.credentials.create(options)),
  },
};

/** With everything that webauthn.js asks for; what is missing is empty, and the server ignores it. */
function whole(credential) {
  if (!credential) return credential;
  const { id, rawId, type, response, authenticatorAttachment } = credential;
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
  return {
    id,
    rawId: rawId ?? new ArrayBuffer(0),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    response: {
      clientDataJSON,
      attestationObject,
      authenticatorData,
      signature,
      userHandle,
      getTransports: () => attempt(() => response.getTransports()) ?? response.transports ?? undefined,
    },
    getClientExtensionResults: () => attempt(() => credential.getClientExtensionResults()) ?? {},
  };
}

function attempt(ask) {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
