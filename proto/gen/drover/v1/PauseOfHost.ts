// Original file: proto/drover/v1/operator.proto


export interface PauseOfHost {
  'host'?: (string);
  'resources'?: (string)[];
  'problem'?: (string);
}

export interface PauseOfHost__Output {
  'host': (string);
  'resources': (string)[];
  'problem': (string);
}
