// Original file: proto/drover/v1/types.proto


export interface Problem {
  'code'?: (string);
  'reason'?: (string);
  'hint'?: (string);
}

export interface Problem__Output {
  'code': (string);
  'reason': (string);
  'hint': (string);
}
