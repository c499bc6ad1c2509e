// Original file: proto/drover/v1/operator.proto


export interface ListQuarantineResponse {
  'quarantined'?: (Buffer | Uint8Array | string);
}

export interface ListQuarantineResponse__Output {
  'quarantined': (Buffer);
}
