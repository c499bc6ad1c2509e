// Original file: proto/drover/v1/agent.proto


export interface PutFactsRequest {
  'facts'?: (Buffer | Uint8Array | string);
}

export interface PutFactsRequest__Output {
  'facts': (Buffer);
}
