// Original file: proto/drover/v1/operator.proto


export interface BringBackResponse {
  'path'?: (string);
}

export interface BringBackResponse__Output {
  'path': (string);
}
