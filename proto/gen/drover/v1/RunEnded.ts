// Original file: proto/drover/v1/operator.proto


export interface RunEnded {
  'fingerprint'?: (string);
}

export interface RunEnded__Output {
  'fingerprint': (string);
}
