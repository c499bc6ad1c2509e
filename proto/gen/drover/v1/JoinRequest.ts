// Original file: proto/drover/v1/enrollment.proto

import type { InviteProof as _drover_v1_InviteProof, InviteProof__Output as _drover_v1_InviteProof__Output } from '../../drover/v1/InviteProof.ts';
import type { RecoverProof as _drover_v1_RecoverProof, RecoverProof__Output as _drover_v1_RecoverProof__Output } from '../../drover/v1/RecoverProof.ts';

export interface JoinRequest {
  'public_key'?: (Buffer | Uint8Array | string);
  'age_recipient'?: (string);
  'possession'?: (Buffer | Uint8Array | string);
  'invite'?: (_drover_v1_InviteProof | null);
  'recover'?: (_drover_v1_RecoverProof | null);
  'proof'?: "invite"|"recover";
}

export interface JoinRequest__Output {
  'public_key': (Buffer);
  'age_recipient': (string);
  'possession': (Buffer);
  'invite'?: (_drover_v1_InviteProof__Output | null);
  'recover'?: (_drover_v1_RecoverProof__Output | null);
  'proof'?: "invite"|"recover";
}
