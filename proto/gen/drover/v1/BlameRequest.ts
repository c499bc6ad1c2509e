// Original file: proto/drover/v1/operator.proto


export interface BlameRequest {
  'host'?: (string);
  'path'?: (string);
  'line'?: (number);
}

export interface BlameRequest__Output {
  'host': (string);
  'path': (string);
  'line': (number);
}
