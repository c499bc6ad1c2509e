// Original file: proto/drover/v1/agent.proto


export interface Received {
  'request_id'?: (string);
}

export interface Received__Output {
  'request_id': (string);
}
