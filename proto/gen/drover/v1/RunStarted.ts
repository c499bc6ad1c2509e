// Original file: proto/drover/v1/operator.proto


export interface RunStarted {
  'hosts'?: (string)[];
}

export interface RunStarted__Output {
  'hosts': (string)[];
}
