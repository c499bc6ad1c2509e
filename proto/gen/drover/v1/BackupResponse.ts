// Original file: proto/drover/v1/operator.proto


export interface BackupResponse {
  'data'?: (Buffer | Uint8Array | string);
}

export interface BackupResponse__Output {
  'data': (Buffer);
}
