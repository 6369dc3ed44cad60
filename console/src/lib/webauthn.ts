// WebAuthn Level 3 JSON to what browsers take, and back. Browsers have functions for both since 2024; the long way serves older ones.

/** PublicKeyCredentialRequestOptionsJSON and PublicKeyCredentialCreationOptionsJSON, sections 5.4 and 5.5. */
export type RequestOptions = Record<string, unknown>;
export type CreationOptions = Record<string, unknown>;

interface Descriptor {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}

function bytes(text: unknown): Uint8Array<ArrayBuffer> {
  const base64 = String(text).replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function descriptors(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list as Descriptor[] | undefined) ?? []).map((d) => ({ ...d, id: bytes(d.id) }));
}

/** Asks the person's key for an assertion: to sign in, or to sign a finding. */
export async function asked(publicKey: RequestOptions): Promise<unknown> {
  const options = {
    ...publicKey,
    challenge: bytes(publicKey['challenge']),
    allowCredentials: descriptors(publicKey['allowCredentials']),
  } as PublicKeyCredentialRequestOptions;
  const made = (await navigator.credentials.get({ publicKey: options })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAssertionResponse;
  return {
    ...head(made),
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

/** Makes a passkey. */
export async function answered(publicKey: CreationOptions): Promise<unknown> {
  const user = publicKey['user'] as Record<string, unknown>;
  const options = {
    ...publicKey,
    challenge: bytes(publicKey['challenge']),
    user: { ...user, id: bytes(user['id']) },
    excludeCredentials: descriptors(publicKey['excludeCredentials']),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...head(made),
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports(),
    },
  };
}

function head(made: PublicKeyCredential): Record<string, unknown> {
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
  };
}
