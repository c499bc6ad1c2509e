// Original file: proto/drover/v1/agent.proto


export interface Progress {
  'request_id'?: (string);
  'done'?: (number);
  'total'?: (number);
  'resource'?: (string);
  'status'?: (string);
  'waiting'?: (string);
}

export interface Progress__Output {
  'request_id': (string);
  'done': (number);
  'total': (number);
  'resource': (string);
  'status': (string);
  'waiting': (string);
}
