// Original file: proto/drover/v1/enrollment.proto


export interface RecoverProof {
  'certificate'?: (Buffer | Uint8Array | string);
  'generation'?: (number);
  'nonce'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface RecoverProof__Output {
  'certificate': (Buffer);
  'generation': (number);
  'nonce': (Buffer);
  'signature': (Buffer);
}
