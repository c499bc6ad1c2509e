// Original file: proto/drover/v1/operator.proto


export interface HostProgress {
  'host'?: (string);
  'done'?: (number);
  'total'?: (number);
  'resource'?: (string);
  'status'?: (string);
  'waiting'?: (string);
}

export interface HostProgress__Output {
  'host': (string);
  'done': (number);
  'total': (number);
  'resource': (string);
  'status': (string);
  'waiting': (string);
}
