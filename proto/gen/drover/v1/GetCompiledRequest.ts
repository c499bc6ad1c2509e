// Original file: proto/drover/v1/operator.proto


export interface GetCompiledRequest {
  'name'?: (string);
}

export interface GetCompiledRequest__Output {
  'name': (string);
}
