// Original file: proto/drover/v1/agent.proto


export interface GetBlobResponse {
  'data'?: (Buffer | Uint8Array | string);
}

export interface GetBlobResponse__Output {
  'data': (Buffer);
}
