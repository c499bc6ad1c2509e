// Original file: proto/drover/v1/operator.proto


export interface AddOperatorRequest {
  'name'?: (string);
  'role'?: (string);
  'ttl_seconds'?: (number);
  'join_public_key'?: (Buffer | Uint8Array | string);
  'invite_id'?: (string);
}

export interface AddOperatorRequest__Output {
  'name': (string);
  'role': (string);
  'ttl_seconds': (number);
  'join_public_key': (Buffer);
  'invite_id': (string);
}
