// Original file: proto/drover/v1/operator.proto


export interface BringBackRequest {
  'host'?: (string);
  'name'?: (string);
}

export interface BringBackRequest__Output {
  'host': (string);
  'name': (string);
}
