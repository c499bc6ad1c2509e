// Original file: proto/drover/v1/operator.proto


export interface RehearseRequest {
  'host'?: (string);
}

export interface RehearseRequest__Output {
  'host': (string);
}
