// Original file: proto/drover/v1/operator.proto


export interface InviteRequest {
  'host'?: (string);
  'roles'?: (string)[];
  'ttl_seconds'?: (number);
  'join_public_key'?: (Buffer | Uint8Array | string);
  'invite_id'?: (string);
  'replace'?: (boolean);
}

export interface InviteRequest__Output {
  'host': (string);
  'roles': (string)[];
  'ttl_seconds': (number);
  'join_public_key': (Buffer);
  'invite_id': (string);
  'replace': (boolean);
}
