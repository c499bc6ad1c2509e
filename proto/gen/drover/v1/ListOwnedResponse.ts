// Original file: proto/drover/v1/operator.proto


export interface ListOwnedResponse {
  'owned'?: (Buffer | Uint8Array | string);
}

export interface ListOwnedResponse__Output {
  'owned': (Buffer);
}
