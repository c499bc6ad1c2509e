// Original file: proto/drover/v1/agent.proto


export interface CancelRun {
  'request_id'?: (string);
}

export interface CancelRun__Output {
  'request_id': (string);
}
