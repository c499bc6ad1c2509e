// Original file: proto/drover/v1/operator.proto


export interface RemoveOperatorRequest {
  'name'?: (string);
}

export interface RemoveOperatorRequest__Output {
  'name': (string);
}
