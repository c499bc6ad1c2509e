// Original file: proto/drover/v1/agent.proto


export interface SealedSecret {
  'name'?: (string);
  'version'?: (string);
  'ciphertext'?: (Buffer | Uint8Array | string);
}

export interface SealedSecret__Output {
  'name': (string);
  'version': (string);
  'ciphertext': (Buffer);
}
