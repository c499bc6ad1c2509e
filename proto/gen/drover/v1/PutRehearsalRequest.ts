// Original file: proto/drover/v1/agent.proto


export interface PutRehearsalRequest {
  'request_id'?: (string);
  'data'?: (Buffer | Uint8Array | string);
}

export interface PutRehearsalRequest__Output {
  'request_id': (string);
  'data': (Buffer);
}
