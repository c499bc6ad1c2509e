// Original file: proto/drover/v1/enrollment.proto


export interface InviteProof {
  'invite_id'?: (string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface InviteProof__Output {
  'invite_id': (string);
  'signature': (Buffer);
}
